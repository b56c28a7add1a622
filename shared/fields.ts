import type { GraphQLScalarType } from 'graphql'
import { GraphQLJSON } from 'graphql-scalars'
import { Ctx, Directive, Extensions, Field, getMetadataStorage, ID, Int, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Context } from '#shared/context.js'
import type { IdentifierKind } from '#shared/identifier.js'
import type { Identity } from '#shared/identity.js'
import type { Filter } from '#shared/loader.js'
import { Money, MoneyInput, type Sum } from '#shared/money.js'
import { Node } from '#shared/node.js'
import { type Access, Allow } from '#shared/permissions.js'
import type { Readers } from '#shared/readers.js'
import { DateTime } from '#shared/scalars.js'
import { refusedIn, tidyBody, tidyLine } from '#shared/text.js'

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor
export type Class<T = unknown> = new (...args: any[]) => T

/** One line of an entity's vocabulary: its GraphQL field, its column, what it means, who sees it, how it is found. */
interface FieldOptions {
  nullable?: boolean
  /** Narrower than the type: the field must then be nullable (F9). */
  only?: readonly Access[]
  /** The omnibox finds the entity by this value. */
  find?: IdentifierKind
  /** Who finds it so, where that is fewer than read it. */
  findOnly?: readonly Access[]
  /** Not in the graph: a column that resolvers use. */
  hidden?: boolean
  /** Longest text, in characters. */
  max?: number
  /** Shortest text; 1 unless said otherwise. */
  min?: number
  /** Of an input: about a person, so that a request for approval keeps it apart, where it can be erased (X19). */
  personal?: boolean
  /** Keep line breaks (bodies), refuse them otherwise (names). */
  multiline?: boolean
  /** A list of ids that are cross-links, as a `ref` is. */
  links?: boolean
  default?: unknown
}

type FieldKind =
  | 'id'
  | 'ref'
  | 'text'
  | 'money'
  | 'instant'
  | 'oneOf'
  | 'count'
  | 'flag'
  | 'list'
  | 'json'
  | 'part'
export interface FieldMeta extends FieldOptions {
  kind: FieldKind
  property: string
  /** For `ref`: the entity's name. */
  target?: string
  /** For `list` of input objects and `part`: its class. */
  item?: () => Class
}

export interface EntityOptions {
  description: string
  allow: readonly Access[]
  /** The subgraph's SQL schema. */
  schema: string
  /** Start of its ids, e.g. `ord`. */
  prefix: string
  /** Rows of this type that a requester may see, as a condition: pages and counts then speak of nothing else. Without it, none. */
  requester?: (identity: Identity) => Filter
  /** Who may read a row besides customers, where that is fewer than who may read the type. Of nothing but the row. */
  // biome-ignore lint/suspicious/noExplicitAny: rows differ
  readers?: (row: any) => Readers
  /** Column that lists follow, newest first; the id breaks ties. `createdAt` unless said otherwise. */
  sort?: string
  /** The same for customers, where what became of a row before they could read it must not show; of all that they see it is there. */
  sortForCustomers?: string
  table?: string
}
export interface EntityMeta extends EntityOptions {
  name: string
  type: Class
}

const fieldsOf = new Map<unknown, Map<string, FieldMeta>>()
const entities = new Map<unknown, EntityMeta>()

export const snake = (name: string): string =>
  name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`).replace(/^_/, '')

const known = new Map<unknown, FieldMeta[]>()

/** Fields of a class and of what it extends, in order of declaration. */
export function fieldsIn(type: unknown): FieldMeta[] {
  let fields = known.get(type)
  if (!fields) {
    const chain: FieldMeta[][] = []
    for (let at = type; typeof at === 'function'; at = Object.getPrototypeOf(at))
      chain.unshift([...(fieldsOf.get(at)?.values() ?? [])])
    fields = chain.flat()
    known.set(type, fields)
  }
  return fields
}

export const entityOf = (type: unknown): EntityMeta => {
  const meta = entities.get(type)
  if (!meta) throw new Error(`${(type as Class).name} is not an entity`)
  return meta
}
/** Its table, as SQL names it. */
export const tableOf = ({ schema, table, name }: EntityMeta): string =>
  `"${schema}"."${table ?? snake(name)}"`

export const isEntity = (type: unknown): boolean => entities.has(type)

/** Declares a row class that is also a graph type: `@entity('Order', { … })`. */
export function entity(name: string, options: EntityOptions): ClassDecorator {
  return type => {
    entities.set(type, { ...options, name, type: type as unknown as Class })
    ObjectType(name, { description: options.description, implements: Node })(type)
    Directive('@key(fields: "id")')(type)
    Extensions({ allow: options.allow })(type)
    Entity({ schema: options.schema, name: options.table ?? snake(name) })(type)
  }
}

interface StubMeta {
  name: string
  extended: boolean
}
export const stubs = new Map<unknown, StubMeta>()
const plain = new Map<string, Class<{ id: string }>>()

/** A reference to an entity that another subgraph owns. With `extended`, this subgraph adds fields to it: a class of its own. */
export function stub(name: string, { extended = false } = {}): Class<{ id: string }> {
  const known = plain.get(name)
  if (known && !extended) return known
  class Stub {
    id!: string
  }
  ObjectType(name, { implements: Node })(Stub)
  Directive(extended ? '@key(fields: "id")' : '@key(fields: "id", resolvable: false)')(Stub)
  Extensions({ value: true })(Stub)
  Field(() => ID, { description: 'Global id.' })(Stub.prototype, 'id')
  stubs.set(Stub, { name, extended })
  if (!extended) plain.set(name, Stub)
  return Stub
}

let mine = new Map<string, Class>()

/** While one subgraph's schema is built: its own class for a name stands in for the plain stub that shared code refers to. */
export function building<T>(classes: ReadonlyMap<string, Class>, build: () => T): T {
  mine = new Map(classes)
  try {
    return build()
  } finally {
    mine = new Map()
  }
}
export const current = (type: Class): Class => mine.get(stubs.get(type)?.name ?? '') ?? type

const input = (type: unknown) => getMetadataStorage().inputTypes.some(known => known.target === type)

function remember(prototype: object, property: string | symbol, meta: Omit<FieldMeta, 'property'>): string {
  const type = prototype.constructor
  if (!fieldsOf.has(type)) fieldsOf.set(type, new Map())
  fieldsOf.get(type)!.set(String(property), { ...meta, property: String(property) })
  known.clear()
  return String(property)
}

type Shape = { graph: (type: unknown) => unknown; column: { type: string; array?: boolean }; kind: FieldKind }

function field(
  shape: Shape,
  description: string,
  options: FieldOptions & { target?: string; item?: () => Class } = {},
) {
  return (prototype: object, key: string | symbol): void => {
    const property = remember(prototype, key, { ...options, kind: shape.kind })
    const { nullable = false, only, hidden } = options
    if (!hidden)
      Field(() => shape.graph(prototype.constructor) as never, {
        description,
        nullable: nullable || only !== undefined,
        ...(options.default === undefined ? {} : { defaultValue: options.default }),
      })(prototype, property)
    if (only) Allow(...only)(prototype, property)
    Column({ ...shape.column, name: snake(property), nullable: nullable || only !== undefined } as never)(
      prototype,
      property,
    )
  }
}

/** Text that a person gave: NFKC, no control or invisible characters (security 2.9), a length. */
export const text = (description: string, options: FieldOptions = {}) =>
  field({ graph: () => String, column: { type: 'text' }, kind: 'text' }, description, options)

export const money = (description: string, options: FieldOptions = {}) =>
  field(
    { graph: type => (input(type) ? MoneyInput : Money), column: { type: 'jsonb' }, kind: 'money' },
    description,
    options,
  )

/** A point in time, UTC. */
export const instant = (description: string, options: FieldOptions = {}) =>
  field({ graph: () => DateTime, column: { type: 'timestamptz' }, kind: 'instant' }, description, options)

export const count = (description: string, options: FieldOptions = {}) =>
  field({ graph: () => Int, column: { type: 'integer' }, kind: 'count' }, description, options)

export const flag = (description: string, options: FieldOptions = {}) =>
  field({ graph: () => Boolean, column: { type: 'boolean' }, kind: 'flag' }, description, options)

/** One of a closed set; register the enum with `states(…)`. */
export const oneOf = (type: object, description: string, options: FieldOptions = {}) =>
  field({ graph: () => type, column: { type: 'text' }, kind: 'oneOf' }, description, options)

/** Several values of a closed set or several texts. */
export const several = (type: object | GraphQLScalarType, description: string, options: FieldOptions = {}) =>
  field({ graph: () => [type], column: { type: 'text', array: true }, kind: 'list' }, description, options)

/** Parts that live and die with their owner (order lines): a list of value objects. */
export const parts = (item: () => Class, description: string, options: FieldOptions = {}) =>
  field({ graph: () => [item()], column: { type: 'jsonb' }, kind: 'list' }, description, {
    ...options,
    item,
  } as never)

/** One value object that lives with its owner. */
export const part = (item: () => Class, description: string, options: FieldOptions = {}) =>
  field({ graph: () => item(), column: { type: 'jsonb' }, kind: 'part' }, description, {
    ...options,
    item,
  } as never)

export const json = (description: string, options: FieldOptions = {}) =>
  field({ graph: () => GraphQLJSON, column: { type: 'jsonb' }, kind: 'json' }, description, options)

/** The entity's own global id. */
export const id =
  (description = 'Global id.') =>
  (prototype: object, key: string | symbol) => {
    const property = remember(prototype, key, { kind: 'id' })
    Field(() => ID, { description })(prototype, property)
    PrimaryColumn('text', { name: 'id' })(prototype, property)
  }

/**
 * A link to another entity. On an input, an id. On an entity, the column `<name>Id` and the field `<name>`, which opens the
 * other entity: by loader where it is ours, by federation where `type` is a stub. It is also a cross-link of the omnibox (E31).
 */
export const ref = (type: () => Class, description: string, options: FieldOptions & { as?: string } = {}) => {
  return (prototype: object, key: string | symbol): void => {
    const property = remember(prototype, key, { ...options, kind: 'ref', item: type })
    const name = options.as ?? property.replace(/Id$/, '')
    Column({
      type: 'text',
      name: snake(property),
      nullable: (options.nullable ?? false) || options.only !== undefined,
    } as never)(prototype, property)
    if (options.hidden) return
    async function open(this: Record<string, string | null>, context: Context) {
      const target = this[property]
      if (!target) return null
      return isEntity(type()) ? context.loaders.one(type(), target) : { id: target }
    }
    Object.defineProperty(prototype, name, { value: open, writable: true, configurable: true })
    Field(() => current(type()), { description, nullable: true })(prototype, name, { value: open })
    Ctx()(prototype, name, 0)
    if (options.only) Allow(...options.only)(prototype, name)
  }
}

/** An id given in an input, of an entity of the named type. */
export const given =
  (target: string, description: string, options: FieldOptions = {}) =>
  (prototype: object, key: string | symbol): void => {
    const property = remember(prototype, key, { ...options, kind: 'ref', target })
    Field(() => ID, { description, nullable: options.nullable ?? false })(prototype, property)
  }

const LINES = /[\n\t]/
const MAX_MONEY = 1e15

/** Something wrong with an input: the path inside it, and what would be right. */
export interface Problem {
  field: string
  message: string
  facts?: Record<string, unknown>
}

/** Checks what GraphQL's types cannot: lengths, characters, amounts. Returns every problem, not the first. */
export function check(type: unknown, value: Record<string, unknown>, path = ''): Problem[] {
  return fieldsIn(type).flatMap(meta => {
    const at = path + meta.property
    const given = value[meta.property]
    if (given === undefined || given === null) return []
    if (meta.kind === 'text') return checkText(meta, given as string, at)
    if (meta.kind === 'ref') return checkText({ ...meta, max: 200 }, given as string, at)
    if (meta.kind === 'money') return checkMoney(given as Sum, at)
    if (meta.kind === 'count')
      return (given as number) < 0 ? [{ field: at, message: 'must not be negative' }] : []
    if (meta.kind === 'part') return check(meta.item!(), given as Record<string, unknown>, `${at}.`)
    if (meta.kind === 'list') return checkList(meta, given as unknown[], at)
    return []
  })
}

function checkText(meta: FieldMeta, value: string, field: string): Problem[] {
  const length = [...value].length
  const { min = 1, max = 200 } = meta
  if (value.trim().length < min)
    return [{ field, message: min === 1 ? 'must not be empty' : `needs at least ${min} characters` }]
  if (length > max) return [{ field, message: `has ${length} characters, at most ${max} are taken` }]
  const refused = refusedIn(value)
  if (refused) {
    return [
      {
        field,
        message: `has ${refused.character} as character ${refused.position}, which no text takes`,
        facts: { ...refused },
      },
    ]
  }
  if (!meta.multiline && LINES.test(value)) return [{ field, message: 'must be a single line' }]
  return []
}

function checkMoney(value: Sum, field: string): Problem[] {
  return Math.abs(value.amount) > MAX_MONEY
    ? [{ field, message: `${value.amount} minor units is more than any sum taken (${MAX_MONEY})` }]
    : []
}

function checkList(meta: FieldMeta, values: unknown[], field: string): Problem[] {
  if (meta.max && values.length > meta.max)
    return [{ field, message: `has ${values.length} items, at most ${meta.max} are taken` }]
  if (!meta.item) return []
  return values.flatMap((item, i) => check(meta.item!(), item as Record<string, unknown>, `${field}.${i}.`))
}

/** The input with its texts in NFKC and without invisible characters, so that equal looks equal. */
export function cleaned<T>(type: unknown, value: T): T {
  const record = value as Record<string, unknown>
  for (const meta of fieldsIn(type)) {
    const given = record[meta.property]
    if (meta.kind === 'text' && typeof given === 'string')
      record[meta.property] = meta.multiline ? tidyBody(given) : tidyLine(given)
    if (meta.kind === 'part' && given) cleaned(meta.item!(), given)
    if (meta.kind === 'list' && meta.item && Array.isArray(given))
      for (const item of given) cleaned(meta.item(), item)
  }
  return value
}

/** An input that was kept as JSON, with its points in time as dates again. */
export const revived = <T>(type: Class<T>, input: Record<string, unknown>): T =>
  ({
    ...input,
    ...Object.fromEntries(
      fieldsIn(type)
        .filter(({ kind, property }) => kind === 'instant' && typeof input[property] === 'string')
        .map(({ property }) => [property, new Date(input[property] as string)]),
    ),
  }) as T
