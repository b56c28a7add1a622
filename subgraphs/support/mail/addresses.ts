import type { EntityManager } from 'typeorm'
import { look } from '#shared/event-row.js'

/** How somebody is reached. */
export interface Reachable {
  email: string | null
  /** EMAIL, IN_APP or BOTH, as the marketplace recorded it; null for staff. */
  contactBy: string | null
}

/** Where customers and staff are reached, as it is now. */
export async function addressesOf(
  db: EntityManager,
  ids: readonly string[],
): Promise<Map<string, Reachable>> {
  if (ids.length === 0) return new Map()
  const staff: { id: string; email: string | null }[] = await db.query(
    `select id, email from access.person where id = any($1) and kind = 'STAFF' and disabled_at is null`,
    [ids],
  )
  const customers: { id: string; email: string | null; contact: string | null }[] = await db.query(
    `select u.id, x.body->'personal'->>'email' as email, e.payload->>'contactPreference' as contact
     from unnest($1::text[]) u(id) cross join lateral (
       select id from log.event where stream_type = 'User' and stream_id = u.id and type = 'UserRecorded'
       order by version desc limit 1) last
     cross join ${look('id, payload', 'event', 'id = last.id', 'e')}
     left join ${look('body', 'event_private', 'event_id = e.id', 'x')} on true`,
    [ids],
  )
  return new Map([
    ...staff.map(({ id, email }) => [id, { email, contactBy: null }] as const),
    ...customers.map(({ id, email, contact }) => [id, { email, contactBy: contact }] as const),
  ])
}

/** So many members of an account are written to. */
const MEMBERS = 20

/** Members of an account who may see its tickets (D15): its owners, and those with support access. */
export async function membersOf(db: EntityManager, organizationId: string): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    `select m.user_id as id from access.membership m join access.person p on p.id = m.user_id
     where m.org_id = $1 and (m.role = 'OWNER' or m.support_access) and p.disabled_at is null order by m.user_id limit $2`,
    [organizationId, MEMBERS],
  )
  return rows.map(({ id }) => id)
}

export const sameAddress = (one: string | null | undefined, other: string): boolean =>
  one?.toLowerCase() === other.toLowerCase()

/** Customers and staff whose present address this is. */
export async function peopleAt(db: EntityManager, address: string): Promise<string[]> {
  const rows: { id: string }[] = await db.query(
    `select id from access.person where lower(email) = lower($1) and disabled_at is null
     union select entity_id from search.identifier
     where kind = 'EMAIL' and norm = lower($1) and entity_id like 'usr\\_%' limit 20`,
    [address],
  )
  const reachable = await addressesOf(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map(({ id }) => id).filter(id => sameAddress(reachable.get(id)?.email, address))
}
