import type { StoredEvent } from '#shared/event.js'
import { eventOf, eventsFrom, FROM_EVENT, ITS_POSITION, type Queryable } from '#shared/event-row.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import type { ContextActivity, ContextSite, TicketContext } from '#shared/events/support.js'

/** So much of what happened before is kept (D22). */
const ACTIVITIES = 20
const HOURS = 24
/** An account with more sites shows its newest. */
const SITES = 20

export interface Asking {
  organizationId: string | null
  requesterId: string | null
  /** The site they came from, as their request named it. */
  site: string | null
  now: Date
}

/** The last event of each of these types in each stream: what accounts published last about it. */
async function lastOf(
  db: Queryable,
  type: string,
  ids: readonly string[],
  events: readonly string[],
): Promise<StoredEvent[]> {
  if (ids.length === 0) return []
  return eventsFrom(
    db,
    `unnest($2::text[]) s(id) cross join unnest($3::text[]) t(name) cross join lateral (
       select id from log.event where stream_type = $1 and stream_id = s.id and type = t.name order by version desc limit 1) last
     cross join ${eventOf('last.id')} ${ITS_POSITION}`,
    [type, ids, events],
  )
}

async function accountOf(db: Queryable, id: string | null): Promise<TicketContext['account']> {
  if (id === null) return null
  const [recorded] = await lastOf(db, 'Organization', [id], ['OrganizationRecorded'])
  const known = recorded?.data as Partial<AccountEvents['OrganizationRecorded']> | undefined
  return {
    id,
    name: known?.name ?? null,
    planTier: known?.plan ?? null,
    billingState: known?.billingState ?? null,
    billingAsOf: known?.billingAsOf ?? recorded?.occurredAt.toISOString() ?? null,
  }
}

async function requesterOf(
  db: Queryable,
  id: string | null,
  organizationId: string | null,
): Promise<TicketContext['requester']> {
  if (id === null) return null
  const [recorded] = await lastOf(db, 'User', [id], ['UserRecorded'])
  const known = recorded?.data as Partial<AccountEvents['UserRecorded']> | undefined
  const [person] = await db.query('select name from access.person where id = $1', [id])
  const [member] = await db.query('select role from access.membership where user_id = $1 and org_id = $2', [
    id,
    organizationId,
  ])
  return {
    id,
    name: known?.name ?? person?.name ?? null,
    email: known?.email ?? null,
    role: member?.role ?? null,
    contactPreference: known?.contactPreference ?? null,
  }
}

async function sitesOf(db: Queryable, { organizationId, site }: Asking): Promise<ContextSite[]> {
  const links: { id: string }[] = organizationId
    ? await db.query(
        `select from_id as id from search.link where to_id = $1 and relation = 'organization' and from_id like 'sit\\_%'
         order by from_id limit $2`,
        [organizationId, SITES],
      )
    : []
  const recorded = await lastOf(
    db,
    'Site',
    links.map(({ id }) => id),
    ['SiteRecorded'],
  )
  const sites = recorded.map(({ stream, data }): ContextSite => {
    const { slug, name, url } = data as AccountEvents['SiteRecorded']
    return { id: stream.id, slug, name, url }
  })
  // A name that is none of the account's is only what the client says.
  const here = sites.find(one => site !== null && [one.slug, one.id, one.url, one.name].includes(site))
  return here ? [here, ...sites.filter(one => one !== here)] : sites
}

const clock = (at: Date): string => `${at.toISOString().slice(11, 16)} UTC`

/** What happened, and when: `SiteRecorded` is `theme update 14:32 UTC` where somebody said what was done, else `site recorded 14:32 UTC` (D24). */
function activity({ id, type, data, occurredAt, actor }: StoredEvent): ContextActivity {
  const { change, changedAt } = type === 'SiteRecorded' ? (data as AccountEvents['SiteRecorded']) : {}
  const at = changedAt ? new Date(changedAt) : occurredAt
  const words = change ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
  const summary = `${words} ${clock(at)}`
  return { eventId: `evt_${id}`, type, at: at.toISOString(), summary, actorId: actor.id }
}

async function activityOf(
  db: Queryable,
  { organizationId, requesterId, now }: Asking,
): Promise<ContextActivity[]> {
  const since = new Date(now.getTime() - HOURS * 3_600_000)
  const refs = [organizationId, requesterId].filter(id => id !== null)
  if (refs.length === 0) return []
  // What mentions them, and what the requester did: both walk an index from its newest end.
  const found = await eventsFrom(
    db,
    `(
       select distinct id from (
         (select event_id as id from unnest($1::text[]) u(ref) cross join lateral (
            select event_id from log.event_ref where ref = u.ref order by event_id desc limit $3) r)
         union all
         (select id from log.event where actor = $2 and actor_kind = 'REQUESTER' order by id desc limit $3)
       ) near) m join ${FROM_EVENT} on e.id = m.id
     where e.at >= $4 and e.at <= $5 order by e.id desc limit $3`,
    [refs, requesterId ?? '', ACTIVITIES, since, now],
  )
  return found.map(activity)
}

/**
 * What Opsgraph knows of who asks, from what accounts published and from the log (D16, D20 to D23). Nothing of it comes from the client;
 * which site their request names only puts one of the account's own first.
 */
export async function captureContext(db: Queryable, asking: Asking): Promise<TicketContext> {
  return {
    capturedAt: asking.now.toISOString(),
    account: await accountOf(db, asking.organizationId),
    requester: await requesterOf(db, asking.requesterId, asking.organizationId),
    sites: await sitesOf(db, asking),
    activity: await activityOf(db, asking),
  }
}
