import { GraphQLError } from 'graphql'
import { ArgsType, Ctx, Directive, Extensions, Field, Int, ObjectType, Root } from 'type-graphql'
import type { Class } from '#shared/fields.js'
import { entityOf, isEntity, stubs } from '#shared/fields.js'

export const PAGE = 25
export const MAX_PAGE = 100

/** `first` and `after` of every list. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: PAGE, description: `How many, at most ${MAX_PAGE}.` })
  first!: number

  @Field(() => String, { nullable: true, description: 'Go on behind this cursor.' })
  after?: string | null
}

@ObjectType('PageInfo', { description: 'Where a page of a list stands.' })
@Directive('@shareable')
@Extensions({ value: true })
export class PageInfo {
  @Field(() => Boolean, { description: 'There is more behind this page.' })
  hasNextPage!: boolean

  @Field(() => String, { nullable: true, description: 'Give this as `after` to go on.' })
  endCursor!: string | null
}

export interface Edge<T> {
  node: T
  cursor: string
}

/** A page of a list, as resolvers return it. */
export interface Page<T> {
  edges: Edge<T>[]
  nodes: T[]
  pageInfo: PageInfo
  /** Counts the whole list; called only when somebody asks. */
  count: () => Promise<number>
}

/** Where a page begins: the sort value and id of the last row seen. */
export type Cursor = [at: string | number, id: string]

export const encodeCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url')

const noCursor = (text: string): GraphQLError =>
  badInput(`"${text.slice(0, 60)}" is not a cursor: take one from pageInfo.endCursor.`)

/** @throws GraphQLError BAD_USER_INPUT when the text is no cursor of ours */
export function decodeCursor(text: string): Cursor {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (Array.isArray(value) && value.length === 2 && isSortValue(value[0]) && typeof value[1] === 'string')
      return value as Cursor
  } catch {
    // not base64url, or not JSON: said below
  }
  throw noCursor(text)
}

const isSortValue = (at: unknown): boolean => typeof at === 'string' || Number.isFinite(at)

/** As `Date.toISOString` writes it; PostgreSQL would also take `now` and `yesterday`, and fail on what is no time. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** The cursor of a list that follows a point in time. @throws GraphQLError BAD_USER_INPUT as `decodeCursor` */
export function decodeTimeCursor(text: string): Cursor {
  const cursor = decodeCursor(text)
  if (!INSTANT.test(String(cursor[0])) || Number.isNaN(Date.parse(String(cursor[0])))) throw noCursor(text)
  return cursor
}

export const badInput = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })

/** @throws GraphQLError BAD_USER_INPUT outside 1 … 100 */
export function checkFirst(first: number): void {
  if (first < 1 || first > MAX_PAGE) throw badInput(`first is ${first}; a page holds 1 to ${MAX_PAGE}.`)
}

/** Makes a page from up to `first + 1` rows: the extra one says that there is more. */
export function pageOf<T>(
  rows: T[],
  first: number,
  cursor: (row: T) => Cursor,
  count: () => Promise<number>,
): Page<T> {
  const edges = rows.slice(0, first).map(node => ({ node, cursor: encodeCursor(cursor(node)) }))
  return {
    edges,
    nodes: edges.map(edge => edge.node),
    pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null },
    count,
  }
}

const made = new Map<unknown, Class<Page<unknown>>>()

const nameOf = (type: Class): string =>
  isEntity(type) ? entityOf(type).name : (stubs.get(type)?.name ?? type.name)

/**
 * The Relay connection type of a graph type: `OrderConnection { edges nodes pageInfo totalCount }`. Entities and stubs have theirs
 * made by `subgraph()`; for other types call it where the class is declared, since type-graphql wants every type before it builds.
 */
export function connection<T>(type: Class<T>, name = nameOf(type)): Class<Page<T>> {
  const known = made.get(type)
  if (known) return known as Class<Page<T>>

  @ObjectType(`${name}Edge`, { description: `One place in a list of ${name}.` })
  @Directive('@shareable')
  @Extensions({ value: true })
  class EdgeType {
    @Field(() => type, { description: 'What stands there.' })
    node!: T

    @Field(() => String, { description: 'Give this as `after` to go on from here.' })
    cursor!: string
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  @Directive('@shareable')
  @Extensions({ value: true })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'The page, with a cursor for each place.' })
    edges!: EdgeType[]

    @Field(() => [type], { description: 'The page.' })
    nodes!: T[]

    @Field(() => PageInfo, { description: 'Where this page stands.' })
    pageInfo!: PageInfo

    @Field(() => Int, { description: 'How many there are in the whole list.' })
    async totalCount(@Root() page: Page<T>, @Ctx() _context: unknown): Promise<number> {
      return page.count()
    }
  }
  made.set(type, ConnectionType as unknown as Class<Page<unknown>>)
  return ConnectionType as unknown as Class<Page<T>>
}
