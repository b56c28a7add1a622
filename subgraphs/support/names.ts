import DataLoader from 'dataloader'
import type { Context } from '#shared/context.js'

const loaders = new WeakMap<Context, DataLoader<string, string | null>>()

interface Person {
  id: string
  kind: string
  name: string
}

/** Staff are on first-name terms with customers: their whole names are nobody's business (X10). */
const shown = ({ kind, name }: Person): string => (kind === 'STAFF' ? name.split(' ')[0]! : name)

async function namesOf({ db }: Context, ids: readonly string[]): Promise<(string | null)[]> {
  const people: Person[] = await db.query('select id, kind, name from access.person where id = any($1)', [
    ids,
  ])
  const names = new Map(people.map(person => [person.id, shown(person)]))
  return ids.map(id => (id === 'system' ? 'Opsgraph' : (names.get(id) ?? null)))
}

/** What a customer may call a person or machine; one query for all of an operation. Null when they are gone. */
export async function publicName(context: Context, personId: string | null): Promise<string | null> {
  if (personId === null) return null
  let loader = loaders.get(context)
  if (!loader) {
    loader = new DataLoader(ids => namesOf(context, ids))
    loaders.set(context, loader)
  }
  return loader.load(personId)
}
