import type { EntityManager } from 'typeorm'
import type { Context } from '#shared/context.js'
import { batched } from '#shared/per-request.js'

interface Person {
  id: string
  kind: string
  name: string
}

/** Staff are on first-name terms with customers: their whole names are nobody's business (X10). */
const shown = ({ kind, name }: Person): string => (kind === 'STAFF' ? name.split(' ')[0]! : name)

/** What customers may call people and machines; null for those who are gone. */
export async function publicNames(db: EntityManager, ids: readonly string[]): Promise<(string | null)[]> {
  const people: Person[] = await db.query('select id, kind, name from access.person where id = any($1)', [
    ids,
  ])
  const names = new Map(people.map(person => [person.id, shown(person)]))
  return ids.map(id => (id === 'system' ? 'Opsgraph' : (names.get(id) ?? null)))
}

const namedIn = batched<string, string | null>(({ db }, ids) => publicNames(db, ids))

/** What a customer may call a person or machine; one query for all of an operation. Null when they are gone. */
export const publicName = async (context: Context, personId: string | null): Promise<string | null> =>
  personId === null ? null : namedIn(context, personId)

/** Whom scripts call how (D64 to D66): an address, or else a name, or else the id. For staff and machines alone. */
export const addressOf = batched<string, string>(async ({ db }, ids) => {
  const people: { id: string; name: string; email: string | null }[] = await db.query(
    'select id, name, email from access.person where id = any($1)',
    [ids],
  )
  const recorded: { id: string; email: string | null }[] = await db.query(
    `select u.id, x.body->'personal'->>'email' as email from unnest($1::text[]) u(id) cross join lateral (
       select id from log.event where stream_type = 'User' and stream_id = u.id and type = 'UserRecorded'
       order by version desc limit 1) e join log.event_private x on x.event_id = e.id`,
    [ids],
  )
  const known = new Map<string, string>([
    ...people.map(({ id, name, email }) => [id, email ?? name] as const),
    ...recorded.flatMap(({ id, email }) => (email ? [[id, email] as const] : [])),
  ])
  return ids.map(id => known.get(id) ?? id)
})
