import { developmentToken } from '#gateway/identity.js'
import { loadConfig } from '#shared/config.js'
import { DEMO_CUSTOMERS } from '#shared/demo-people.js'
import { loadKeys } from '#shared/keys.js'
import { Role } from '#shared/roles.js'
import { DEMO_PEOPLE, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { CommandError, say } from './output.js'

/** A demo person for each role; with several, the first. */
function demoPersonOf(role: string): string | undefined {
  if (role === Role.REQUESTER) return DEMO_REQUESTER_ID
  const person = DEMO_PEOPLE.find(one =>
    one.kind === 'STAFF' ? one.roles.includes(role as Role) : one.kind === role,
  )
  return person?.id
}

const ROLES = Object.values(Role).filter(role => demoPersonOf(role) !== undefined)

const CUSTOMERS = Object.entries(DEMO_CUSTOMERS)

const personOf = (asked: string): string => {
  const id =
    demoPersonOf(asked.toUpperCase()) ??
    DEMO_PEOPLE.find(({ id }) => id === asked)?.id ??
    CUSTOMERS.find(([name, id]) => name === asked.toLowerCase() || id === asked)?.[1]
  if (id) return id
  const people = [...DEMO_PEOPLE.map(({ id }) => id), ...CUSTOMERS.map(([name]) => name)]
  throw new CommandError(
    `There is no demo person "${asked}". Roles: ${ROLES.join(', ')}. People: ${people.join(', ')}`,
  )
}

/** `opsgraph token <role>`: a bearer token to try the API as somebody of that role; in development only. */
export async function runToken(asked: string): Promise<void> {
  const config = loadConfig()
  if (config.mode !== 'development')
    throw new CommandError(
      'Development tokens are for development: in production people sign in, and machines get theirs with issueToken',
    )
  say(await developmentToken(config, await loadKeys(config), personOf(asked)))
}
