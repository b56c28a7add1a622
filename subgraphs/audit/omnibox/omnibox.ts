import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import {
  badInput,
  checkFirst,
  decodeCursor,
  type Edge,
  encodeCursor,
  PageArgs,
  PageInfo,
} from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { IdentifierKind, interpret, substance } from '#shared/identifier.js'
import { Node } from '#shared/node.js'
import { Allow } from '#shared/permissions.js'
import { keptFrom } from '#shared/readers.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { accessOf, readableTypes } from '../audience.js'
import { Event } from '../events/event.js'
import { timelineOf } from '../events/read.js'
import { EntityLink, linksOf } from '../links.js'
import { refOf } from '../nodes.js'
import { EntityType, entityNameOf, entityTypeOf } from '../stubs.js'
import { findIdentifiers, MOST } from './find.js'
import { type Hit, rank } from './rank.js'

/** Fewer letters and digits find everything, which is nothing. */
const MIN_LENGTH = 3

const MatchHow = states('MatchHow', 'How surely a text names an entity.', {
  EXACT: 'It is the identifier, letter by letter.',
  NORMALISED: 'It is the identifier in another spelling: spaces, dashes, case.',
  PREFIX: 'The identifier begins with it.',
  SUFFIX: 'The identifier ends with it.',
  FRAGMENT: 'It is part of the address or name.',
  FUZZY: 'It is one typo away.',
})

@ObjectType('OmniboxMatch', { description: 'Why an entity was found.' })
@Extensions({ value: true })
class OmniboxMatch {
  @Field(() => IdentifierKind, { description: 'What of the entity matched.' })
  field!: IdentifierKind

  @Field(() => MatchHow, { description: 'How surely.' })
  how!: string

  @Field(() => IdentifierKind, { description: 'What the typed text was taken for.' })
  detectedAs!: IdentifierKind

  @Field(() => String, { description: 'The identifier as the entity bears it.' })
  text!: string
}

@ObjectType('OmniboxHit', { description: 'An entity that the text leads to (E30).' })
@Extensions({ value: true })
class OmniboxHit {
  constructor(readonly hit: Hit) {}

  @Field(() => Node, { nullable: true, description: 'The entity; null when its subgraph is away.' })
  async node(@Ctx() context: Context) {
    return refOf(this.hit.type, this.hit.id, context)
  }

  @Field(() => EntityType, { description: 'Its type.' })
  get entityType(): string {
    return entityTypeOf(this.hit.type)
  }

  @Field(() => OmniboxMatch, { description: 'Why it was found.' })
  get match(): OmniboxMatch {
    return this.hit
  }

  @Field(() => Float, { description: 'From 1 (exact) towards 0; the order of the list.' })
  get score(): number {
    return this.hit.score
  }
}

@ObjectType('OmniboxEdge', { description: 'One place in the list of what was found.' })
@Extensions({ value: true })
class OmniboxEdge {
  @Field(() => OmniboxHit, { description: 'What stands there.' })
  node!: OmniboxHit

  @Field(() => String, { description: 'Give this as `after` to go on from here.' })
  cursor!: string
}

@ObjectType('OmniboxConnection', { description: 'A page of what a text leads to, surest first.' })
@Extensions({ value: true })
class OmniboxConnection {
  @Field(() => [OmniboxEdge], { description: 'The page, with a cursor for each place.' })
  edges!: Edge<OmniboxHit>[]

  @Field(() => [OmniboxHit], { description: 'The page.' })
  nodes!: OmniboxHit[]

  @Field(() => PageInfo, { description: 'Where this page stands.' })
  pageInfo!: PageInfo

  @Field(() => Int, {
    description: `How many there are; of vague matches, no more than ${MOST} of a kind are looked at.`,
  })
  totalCount!: number

  @Field(() => [IdentifierKind], { description: 'What the text was recognised as, most likely first.' })
  interpretations!: IdentifierKind[]

  @Field(() => Int, {
    description: 'How many more there are of types that are not yours to read: the number, and nothing else.',
  })
  hiddenCount!: number

  @Field(() => Float, { description: 'How long the search took, in milliseconds.' })
  tookMs!: number
}

/** A page of the list behind a cursor, which names the last hit seen by score and id. */
function pageOf(
  hits: readonly Hit[],
  { first, after }: PageArgs,
): Pick<OmniboxConnection, 'edges' | 'nodes' | 'pageInfo'> {
  checkFirst(first)
  let start = 0
  if (after) {
    const [score, id] = decodeCursor(after)
    const at = hits.findIndex(hit => hit.id === id)
    start = at >= 0 ? at + 1 : hits.filter(hit => hit.score >= Number(score)).length
  }
  const edges = hits
    .slice(start, start + first)
    .map(hit => ({ node: new OmniboxHit(hit), cursor: encodeCursor([hit.score, hit.id]) }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: hits.length > start + first, endCursor: edges.at(-1)?.cursor ?? null },
  }
}

/** A search that led to people by their address is a look at personal data: it is noted, without the address (E27). */
function noteAddresses(hits: readonly Hit[], { log, identity, requestId }: Context): void {
  const found = hits.filter(({ field }) => field === 'EMAIL').length
  if (found) log.info({ requestId, personId: identity.personId, found }, 'omnibox matched by e-mail')
}

@Resolver()
export class OmniboxQueries {
  @Query(() => OmniboxConnection, {
    description:
      `Finds entities by anything that names them (E24 to E29): ids of ours, of the marketplace and of Stripe, order and ticket
numbers, tracking numbers in any spelling, e-mail addresses, names with a typo, slugs, a web address, the beginning or end of a
number, or several of these at once. Wants at least ${MIN_LENGTH} letters or digits; surer matches come alone.`.replaceAll(
        '\n',
        ' ',
      ),
  })
  @Allow(...READERS)
  async omnibox(
    @Arg('query', () => String, { description: 'What was typed or pasted; the first 512 characters count.' })
    query: string,
    @Arg('kinds', () => [EntityType], { nullable: true, description: 'Only entities of these types.' }) kinds:
      | string[]
      | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<OmniboxConnection> {
    const started = performance.now()
    if (substance(query) < MIN_LENGTH)
      throw badInput(
        `"${query.slice(0, 20)}" is too short to look for: type at least ${MIN_LENGTH} letters or digits.`,
      )
    const reading = interpret(query)
    const found = await findIdentifiers(
      context.db,
      reading,
      accessOf(context.identity),
      kinds?.map(entityNameOf) ?? null,
    )
    const hits = rank(found, reading)
    const readable = new Set(readableTypes(context.identity))
    const ofReadable = hits.filter(({ type }) => readable.has(type))
    const kept = await keptFrom(
      context.db,
      ofReadable.map(({ id }) => id),
      context.identity,
    )
    const visible = ofReadable.filter(({ id }) => !kept.has(id))
    noteAddresses(visible, context)
    return {
      ...pageOf(visible, page),
      totalCount: visible.length,
      interpretations: reading.kinds,
      hiddenCount: hits.length - visible.length,
      tookMs: Math.round((performance.now() - started) * 100) / 100,
    }
  }
}

@Resolver(() => OmniboxHit)
export class OmniboxHitFields {
  @FieldResolver(() => [EntityLink], {
    description: 'What the entity has to do with, every kind of link in turn (E31).',
  })
  async related(
    @Root() { hit }: OmniboxHit,
    @Arg('first', () => Int, { defaultValue: 10, description: 'How many, at most 100.' }) first: number,
    @Ctx() context: Context,
  ): Promise<EntityLink[]> {
    return linksOf(hit.id, first, context)
  }

  @FieldResolver(() => [Event], { description: 'What happened to it lately, newest first (E32).' })
  async recentEvents(
    @Root() { hit }: OmniboxHit,
    @Arg('first', () => Int, { defaultValue: 5, description: 'How many, at most 100.' }) first: number,
    @Ctx() context: Context,
  ): Promise<Event[]> {
    return (await timelineOf([hit.id], { first }, context)).nodes
  }
}
