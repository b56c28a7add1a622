import type { StoredEvent } from '#shared/event.js'
import type { PersonKind } from '#shared/identity.js'
import type { Role } from '#shared/roles.js'

/** Whatever runs SQL and answers rows: an EntityManager, a DataSource, or a wrapped client. */
export interface Queryable {
  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
  query(sql: string, parameters?: any[]): Promise<any>
}

/** Of the tables in `FROM_EVENT`; what `EventRow` says. */
export const COLUMNS = `e.id, e.stream_type, e.stream_id, e.version, e.type, e.schema_v,
  (extract(epoch from e.at) * 1000000)::bigint as at, e.actor_kind, e.actor, e.actor_roles, e.token_id, e.reason, e.request_id,
  e.correlation_id, e.causation_id, e.idempotency_key, e.surface, e.site, e.refs, e.payload, x.body`

/**
 * A look-up by key, whatever the planner thinks: OFFSET 0 keeps it from making a join of it. A plan that was kept since the tables were
 * empty would rather read them as a whole, and go on doing so while an import fills them.
 */
export const look = (columns: string, table: string, condition: string, name: string): string =>
  `lateral (select ${columns} from log.${table} where ${condition} offset 0) ${name}`

const ITS_PRIVATE = `left join ${look('event_id, body, salt, erased_by', 'event_private', 'event_id = e.id', 'x')} on true`
export const ITS_POSITION = `left join ${look('pos', 'event_pos', 'event_id = e.id', 'p')} on true`

/** Events `e` with their private part `x` and position `p`, for a statement that says which. */
export const FROM_EVENT = `log.event e ${ITS_PRIVATE} ${ITS_POSITION}`

/** The event `e` with this id, and its private part `x`. */
export const eventOf = (id: string): string => `${look('*', 'event', `id = ${id}`, 'e')} ${ITS_PRIVATE}`

/** The columns above as `pg` hands them over: bigint comes as text. */
export interface EventRow {
  id: string
  pos?: string | null
  stream_type: string
  stream_id: string
  version: number
  type: string
  schema_v: number
  at: string
  actor_kind: string
  actor: string
  actor_roles: string[]
  token_id: string | null
  reason: string
  request_id: string
  correlation_id: string
  causation_id: string | null
  idempotency_key: string | null
  surface: string
  site: string | null
  refs: string[]
  payload: object
  body: PrivateBody | null
}

/** What is kept apart from the event, so that it can be erased (X19). */
export interface PrivateBody {
  personal?: object
  note?: string
}

/** A row as the event the rest of the product knows; what was erased is simply absent. */
export function toEvent(row: EventRow): StoredEvent {
  return {
    id: Number(row.id),
    position: row.pos == null ? null : Number(row.pos),
    stream: { type: row.stream_type, id: row.stream_id },
    version: row.version,
    type: row.type,
    schemaVersion: row.schema_v,
    occurredAt: new Date(Number(row.at) / 1000),
    actor: {
      kind: row.actor_kind as PersonKind,
      id: row.actor,
      roles: row.actor_roles as Role[],
      tokenId: row.token_id,
    },
    reasonCode: row.reason,
    note: row.body?.note ?? null,
    requestId: row.request_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id === null ? null : Number(row.causation_id),
    idempotencyKey: row.idempotency_key,
    surface: row.surface,
    site: row.site,
    refs: row.refs,
    data: { ...row.payload, ...row.body?.personal },
  }
}

/** What a statement finds that goes on from `select … from` with `e`, its private part `x` and its position `p`. */
export async function eventsFrom(db: Queryable, from: string, parameters: unknown[]): Promise<StoredEvent[]> {
  const rows: EventRow[] = await db.query(`select ${COLUMNS}, p.pos from ${from}`, parameters)
  return rows.map(toEvent)
}
