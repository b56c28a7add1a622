import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DataSource } from 'typeorm'
import type { DemoPerson } from '#gateway/ide.js'
import { developmentToken } from '#gateway/identity.js'
import type { Config } from '#shared/config.js'
import { DEMO_CUSTOMERS } from '#shared/demo-people.js'
import type { Keys } from '#shared/keys.js'
import { Role } from '#shared/roles.js'
import { ROOT } from '#shared/root.js'

interface Row {
  id: string
  name: string
  kind: string
  roles: string[]
}

/** A SYSTEM is nobody whom a person could be. */
const SHOWN = Object.values(Role).filter(role => role !== Role.SYSTEM)

const has = (row: Row, role: Role): boolean => row.kind === role || row.roles.includes(role)

/** Whoever has this role and as little else as possible, so that trying a role shows what it may and may not. */
const typical = (rows: readonly Row[], role: Role): Row | undefined =>
  rows.filter(row => has(row, role)).sort((one, other) => one.roles.length - other.roles.length)[0]

/** Of customers the demo's own, of two accounts, so that one can see what neither learns of the other. */
function chosen(rows: readonly Row[], role: Role): Row[] {
  const customers: readonly string[] = role === Role.REQUESTER ? Object.values(DEMO_CUSTOMERS) : []
  const demo = customers.flatMap(id => rows.find(row => row.id === id) ?? [])
  const row = demo.length ? undefined : typical(rows, role)
  return row ? [row] : demo
}

/** One person for each role, two customers, each with a token; development only. Empty while nobody is recorded. */
export async function demoPeople(
  db: DataSource,
  config: Pick<Config, 'jwt'>,
  keys: Pick<Keys, 'development'>,
): Promise<DemoPerson[]> {
  const rows = await db.query<Row[]>(
    'select id, name, kind, roles from access.person where disabled_at is null order by id = any($1) desc, id limit 1000',
    [Object.values(DEMO_CUSTOMERS)],
  )
  const people = SHOWN.flatMap(role =>
    chosen(rows, role).map(async ({ id, name }) => ({
      id,
      name,
      role,
      token: await developmentToken(config, keys, id),
    })),
  )
  return Promise.all(people)
}

/** The shortest example that stands by itself, on one line. */
function sampleQuery(): string {
  const folder = join(ROOT, 'examples', 'queries')
  try {
    const files = readdirSync(folder).filter(file => file.endsWith('.graphql'))
    const queries = files.map(file => readFileSync(join(folder, file), 'utf8').replace(/^\s*#.*$/gm, ''))
    const plain = queries
      .map(query => query.replace(/\s+/g, ' ').trim())
      .filter(query => !/[$'"]/.test(query))
    return (
      plain.filter(query => !/^(mutation|subscription)/.test(query)).sort((a, b) => a.length - b.length)[0] ??
      FALLBACK
    )
  } catch {
    return FALLBACK
  }
}

const FALLBACK = '{ __typename }'

/** What is printed when the gateway is up: where it is, one request to copy, and tokens to be somebody. */
export function welcome(url: string, people: readonly DemoPerson[], keepsMail = false): string {
  const token = people[0]?.token ?? '<token>'
  const lines = [
    'Opsgraph is ready.',
    '',
    `  GraphQL  ${url}/graphql`,
    `  Try it   ${url}/`,
    ...(keepsMail ? [`  Mail     ${url}/mailbox`] : []),
    `  Health   ${url}/readyz`,
    '',
    `  curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `    -H 'authorization: Bearer ${token}' \\`,
    `    -d '${JSON.stringify({ query: sampleQuery() })}'`,
  ]
  if (people.length === 0) return lines.join('\n')
  const width = Math.max(...people.map(({ role }) => role.length))
  return [
    ...lines,
    '',
    'Tokens of demo people, valid for a week:',
    '',
    ...people.map(({ role, name, token: theirs }) => `  ${role.padEnd(width)}  ${name}\n    ${theirs}`),
  ].join('\n')
}
