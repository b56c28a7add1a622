import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLError, parse } from 'graphql'
import { composeBuilt } from '#gateway/compose.js'
import { InProcess } from '#gateway/executor.js'
import { Authenticator, developmentToken } from '#gateway/identity.js'
import type { LiveField } from '#gateway/live.js'
import { type RunningGateway, startGateway } from '#gateway/server.js'
import type { DataSource as Source } from '#gateway/supergraph.js'
import { cloneDatabase } from '#kit/cluster.js'
import { openTestServices, SILENT } from '#kit/services.js'
import type { loadConfig } from '#shared/config.js'
import type { Context } from '#shared/context.js'
import type { Keys } from '#shared/keys.js'
import { startSealer } from '#shared/seal.js'
import type { Services } from '#shared/services.js'

/** Two subgraphs, small enough to know by heart, behind the real gateway and a real database. */

const LINK = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
    @link(url: "https://opsgraph.dev/access/v1.0", import: ["@access"])
    @composeDirective(name: "@access")
  directive @access(roles: [String!]!) on FIELD_DEFINITION | OBJECT
`

const STAFF = '@access(roles: ["SUPPORT_AGENT"])'

const SHOP = `${LINK}
  scalar Amount
  type Query {
    version: String @access(roles: ["PUBLIC"])
    parcel(id: ID!): Parcel ${STAFF}
    parcels(first: Int = 25): Parcels ${STAFF}
    who: String ${STAFF}
    broken: Int ${STAFF}
    strict: Int! ${STAFF}
    denied: Int ${STAFF}
    pay(amount: Amount!): Int ${STAFF}
    slow(ms: Int!): Int ${STAFF}
  }
  type Parcels { nodes: [Parcel!]! edges: [ParcelEdge!]! }
  type ParcelEdge { node: Parcel! }
  type Parcel @key(fields: "id") { id: ID! weight: Int next: Parcel previous: Parcel items: [Item!]! }
  type Item { id: ID! parcel: Parcel }
`

const DESK = `${LINK}
  type Query {
    letter(id: ID!): Letter ${STAFF}
    letterUpdate(letterId: ID!, cursor: String!): LetterUpdate ${STAFF}
  }
  type Subscription { letterUpdated(letterId: ID!, after: String): LetterUpdate ${STAFF} }
  type LetterUpdate { cursor: String! letter: Letter }
  type Letter @key(fields: "id") { id: ID! subject: String parcel: Parcel }
  type Parcel @key(fields: "id") { id: ID! letters: [Letter!] }
`

const parcel = (id: string) => ({ __typename: 'Parcel', id, weight: 5 })
const letter = (id: string) => ({ id, subject: `about ${id}`, parcel: parcel('p1') })
const readable = ({ identity }: Context, id: string) => id !== 'secret' && identity.roles.length > 0

const shopResolvers = {
  Query: {
    version: async () => '1',
    parcel: async (_: unknown, { id }: { id: string }) => parcel(id),
    parcels: async (_: unknown, { first }: { first: number }) => ({
      nodes: Array.from({ length: first }, (_, n) => parcel(`p${n}`)),
    }),
    who: async (_: unknown, _args: unknown, { identity, requestId, surface }: Context) =>
      [identity.personId, identity.roles, requestId, surface].join(' '),
    broken: async () => {
      throw new TypeError('column "secret" of 10.0.0.1 does not exist')
    },
    strict: async () => null,
    denied: async () => {
      throw new GraphQLError('denied requires one of: X.', {
        extensions: { code: 'FORBIDDEN', requires: ['X'] },
      })
    },
    pay: async () => 1,
    slow: (_: unknown, { ms }: { ms: number }) => new Promise(resolve => setTimeout(() => resolve(1), ms)),
  },
  Parcel: { __resolveReference: async ({ id }: { id: string }) => parcel(id), next: async () => parcel('n') },
}

const deskResolvers = {
  Query: {
    letter: async (_: unknown, { id }: { id: string }, context: Context) =>
      readable(context, id) ? letter(id) : null,
    letterUpdate: async (
      _: unknown,
      { letterId, cursor }: { letterId: string; cursor: string },
      context: Context,
    ) => (readable(context, letterId) ? { cursor, letter: letter(letterId) } : null),
  },
  Letter: { __resolveReference: async ({ id }: { id: string }) => letter(id) },
  Parcel: {
    __resolveReference: async ({ id }: { id: string }) => ({ id }),
    letters: async ({ id }: { id: string }) => [letter(`l-${id}`)],
  },
}

const build = (sdl: string, resolvers: object) =>
  buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never })

export const SHOP_SCHEMA = build(SHOP, shopResolvers)
export const DESK_SCHEMA = build(DESK, deskResolvers)
for (const type of ['Amount'] as const)
  Object.assign(SHOP_SCHEMA.getType(type)!, {
    parseValue: (value: unknown) => {
      if (typeof value !== 'number') throw new TypeError('an amount is a number')
      return value
    },
  })

export const { supergraphSdl: SUPERGRAPH, apiSdl: API } = composeBuilt([
  { name: 'shop', sdl: SHOP },
  { name: 'desk', sdl: DESK },
])

export const LETTERS: Readonly<Record<string, LiveField>> = {
  letterUpdated: {
    query: 'letterUpdate',
    refs: ({ letterId }) => [String(letterId)],
    visible: { query: 'letter', args: ({ letterId }) => ({ id: letterId }) },
  },
}

/** An answer as tests read it. */
export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  data?: any
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  errors: any[]
}

export const read = async (response: Response): Promise<Answer> => (await response.json()) as Answer

export interface Bench {
  services: Services
  keys: Keys
  url: string
  config: ReturnType<typeof loadConfig>
  token(personId: string, seconds?: number): Promise<string>
  stop(): Promise<void>
}

/** A database of its own with sam (support) and off (disabled), and all that a gateway needs. */
export async function bench(name: string): Promise<Bench> {
  const url = await cloneDatabase(name)
  const { services, stop } = await openTestServices(url)
  const { config, keys, db } = services
  const sealer = startSealer({ url, keys, log: SILENT })
  await db.query(`
    insert into access.person (id, kind, name, roles, disabled_at) values
      ('stf_sam', 'STAFF', 'Sam', '{SUPPORT_AGENT}', null),
      ('stf_ada', 'STAFF', 'Ada', '{SUPER_ADMIN,SYSTEM}', null),
      ('stf_off', 'STAFF', 'Off', '{SUPPORT_AGENT}', now()),
      ('svc_feed', 'INTEGRATION', 'Feed', '{}', null)`)
  return {
    services,
    keys,
    url,
    config,
    token: (personId, seconds) => developmentToken(config, keys, personId, seconds),
    async stop() {
      await sealer.stop()
      await stop()
    },
  }
}

/** The gateway over both subgraphs; `sources` puts something else in the place of one. */
export function openGateway(
  { services, keys, config }: Bench,
  sources: Readonly<Record<string, Source>> = {},
  overrides: Partial<ReturnType<typeof loadConfig>> = {},
): Promise<RunningGateway> {
  const schemas = { shop: SHOP_SCHEMA, desk: DESK_SCHEMA }
  return startGateway({
    config: { ...config, ...overrides },
    services,
    authenticator: new Authenticator({ jwt: config.jwt }, keys, services.db),
    supergraphSdl: SUPERGRAPH,
    dataSource: name => sources[name] ?? new InProcess(schemas[name as keyof typeof schemas]),
    log: SILENT,
    liveFields: LETTERS,
  })
}
