import { basename } from 'node:path'
import { type GraphQLInputObjectType, getNamedType } from 'graphql'
import type { Recording } from '#shared/record.js'
import type { Subgraph } from '#shared/subgraph.js'
import type { View } from '#shared/view.js'
import { type Field, fieldsOf } from './shape.js'

/** What can be imported: a recording, and what the schema says of its records. */
export interface Kind {
  /** File name stem, e.g. `users`. */
  name: string
  recording: Recording
  views: readonly View[]
  type: GraphQLInputObjectType
  fields: readonly Field[]
}

/** Who is spoken of before who speaks of them. */
const ORDER = [
  'users',
  'organizations',
  'legalAcceptances',
  'listings',
  'bids',
  'checkouts',
  'payments',
  'shipments',
  'disputes',
  'payouts',
]

const rank = ({ name }: Kind): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

/** Every kind that the subgraphs record, in the order of import. */
export function kindsOf(subgraphs: readonly Subgraph[]): Kind[] {
  const kinds = subgraphs.flatMap(({ recordings = [], views, schema }) =>
    recordings.map((recording): Kind => {
      const mutation = schema.getMutationType()!.getFields()[recording.name]!
      const records = mutation.args.find(({ name }) => name === 'records')!
      const type = getNamedType(records.type) as GraphQLInputObjectType
      return { name: recording.plural, recording, views, type, fields: fieldsOf(type) }
    }),
  )
  return kinds.sort((one, other) => rank(one) - rank(other))
}

export type Format = 'ndjson' | 'csv'

const FORMATS: Record<string, Format> = { ndjson: 'ndjson', jsonl: 'ndjson', csv: 'csv', tsv: 'csv' }

/** How a file is written, by its name; null: not a file to import. */
export const formatOf = (path: string): Format | null => {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return FORMATS[ending] ?? null
}

/** The kind that a file's name tells: `users.csv`, `2026-04-users.ndjson.gz`, `export_users_1.csv`. */
export function kindOf(path: string, kinds: readonly Kind[]): Kind | undefined {
  const words = basename(path)
    .toLowerCase()
    .split(/[^a-z]+/)
  return kinds.find(({ name }) => words.includes(name.toLowerCase()))
}
