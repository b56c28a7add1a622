import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import { Approval } from '#shared/approval.js'
import { mayRead, readCatalog } from '#shared/catalog.js'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { prefixOf } from '#shared/id.js'
import { Node } from '#shared/node.js'
import { batched } from '#shared/per-request.js'
import { Allow } from '#shared/permissions.js'
import { openTo } from '#shared/readers.js'
import { READERS } from '#shared/roles.js'
import { readableTypes } from './audience.js'
import { EVENT_PREFIX, type Event } from './events/event.js'
import { eventById } from './events/read.js'
import { POLICY_PREFIX, type Policy, policyById } from './policies/policy.js'
import { PolicyVersion } from './policies/policy-version.js'
import { AuditSlice } from './slices/audit-slice.js'
import type { EntityName } from './stubs.js'

/** Just enough of an entity for the gateway to ask its owner for the rest. */
export interface NodeRef {
  __typename: EntityName
  id: string
}

/** A row of audit's own, or what stands for another's; null when it is not there. */
type Opened = NodeRef | Approval | PolicyVersion | AuditSlice | null

/** What stands for an entity as a node: a row where it is audit's own, else just its type and id. */
export const refOf = async (type: EntityName, id: string, { loaders }: Context): Promise<Opened> => {
  if (type === 'Approval') return loaders.one(Approval, id)
  if (type === 'PolicyVersion') return loaders.one(PolicyVersion, id)
  if (type === 'AuditSlice') return loaders.one(AuditSlice, id)
  return { __typename: type, id }
}

/** Most ids that `nodes` takes. */
const MAX_NODES = 100

/**
 * Rows that stand beside an event are many, and the omnibox does not know them. They are named after the event, which does:
 * `len_000000000042_1_2` is there when event 42 is.
 */
const BESIDE: Readonly<Record<string, EntityName>> = { ltx: 'LedgerTransaction', len: 'LedgerEntry' }
const BESIDE_EVENT = /^[a-z]+_(\d{12,18})(_\d{1,4})+$/

async function besideEvents(ids: readonly string[], { db, identity }: Context): Promise<Found[]> {
  const readable = readableTypes(identity)
  const asked = ids.flatMap(id => {
    const type = BESIDE[prefixOf(id)]
    const event = BESIDE_EVENT.exec(id)?.[1]
    return type && event && readable.includes(type) ? [{ entity_id: id, entity_type: type, event }] : []
  })
  if (asked.length === 0) return []
  const events: { id: string }[] = await db.query('select id from log.event where id = any($1::bigint[])', [
    asked.map(({ event }) => event),
  ])
  const known = new Set(events.map(({ id }) => Number(id)))
  return asked.filter(({ event }) => known.has(Number(event)))
}

interface Found {
  entity_id: string
  entity_type: EntityName
}

/** Entities by id: null where there is none, or its type is not the caller's to read. */
export const entityById = batched<string, Opened>(
  async (context, ids) => {
    const rows: Found[] = await context.db.query(
      `select entity_id, entity_type from search.identifier i
       where entity_id = any($1) and kind = 'ID' and entity_type = any($2) and ${openTo('i.entity_id', '$3', '$4')}`,
      [ids, readableTypes(context.identity), context.identity.roles, context.identity.personId],
    )
    const byId = new Map<string, EntityName>()
    const beside = await besideEvents(ids, context)
    for (const { entity_id: id, entity_type: type } of [...rows, ...beside])
      if (readCatalog().entities[type]?.prefix === prefixOf(id)) byId.set(id, type)
    return Promise.all(ids.map(id => (byId.has(id) ? refOf(byId.get(id)!, id, context) : null)))
  },
  { cache: false, maxBatchSize: 1000 },
)

/** Anything with a global id, events and policies included. */
export async function openNode(id: string, context: Context): Promise<Opened | Event | Policy> {
  if (prefixOf(id) === EVENT_PREFIX) return eventById(id, context)
  if (prefixOf(id) === POLICY_PREFIX)
    return mayRead(context.identity, 'Policy') ? policyById(id, context.db, context.services.clock()) : null
  return entityById(context, id)
}

/** Several, without those that are not there or not the caller's. */
export async function openNodes(
  ids: readonly string[],
  context: Context,
): Promise<NonNullable<Opened | Event | Policy>[]> {
  const found = await Promise.all(ids.map(id => openNode(id, context)))
  return found.filter(node => node !== null)
}

@Resolver()
export class NodeQueries {
  @Query(() => Node, {
    nullable: true,
    description:
      'Anything by its global id: an entity or an event. Null when it is not there, or not yours to read.',
  })
  @Allow(...READERS)
  async node(@Arg('id', () => ID, { description: 'A global id.' }) id: string, @Ctx() context: Context) {
    return openNode(id, context)
  }

  @Query(() => [Node], {
    nullable: 'items',
    description: `Up to ${MAX_NODES} at once, in the order asked for; null where one is not there, or not yours to read.`,
  })
  @Allow(...READERS)
  async nodes(
    @Arg('ids', () => [ID], { description: `Global ids, at most ${MAX_NODES}.` }) ids: string[],
    @Ctx() context: Context,
  ) {
    if (ids.length > MAX_NODES) throw badInput(`${ids.length} ids; one call takes at most ${MAX_NODES}.`)
    return Promise.all(ids.map(id => openNode(id, context)))
  }
}
