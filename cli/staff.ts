import { newId } from '#shared/id.js'
import { READERS, Role } from '#shared/roles.js'
import { ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import type { Opened } from './open.js'
import { CommandError, say } from './output.js'

export interface Founder {
  name: string
  subject?: string
  /** What they may do; SUPER_ADMIN when left out. */
  role?: string[]
}

/** So many Super Admins can do everything that takes two people. */
const ENOUGH = 2

function rolesOf({ role: named = [Role.SUPER_ADMIN] }: Founder): Role[] {
  const wrong = named.find(role => !(READERS as readonly string[]).includes(role))
  if (wrong !== undefined)
    throw new CommandError(
      `${wrong} is not a role of staff; those are ${READERS.filter(one => one in Role).join(', ')}`,
    )
  return [...new Set(named as Role[])]
}

/**
 * `opsgraph staff <email>`: those whom nobody could have hired: the first Super Admin, the second one, who has to approve what takes two
 * people (E22), and until there are two anybody who needs a role that takes both. From then on it takes hireStaff and grantRole, which leave
 * a trail with two names.
 */
export async function addFounder(email: string, founder: Founder, { services }: Opened): Promise<boolean> {
  const roles = rolesOf(founder)
  const [{ there }] = await services.db.query(
    `select count(*)::int as there from access.person where 'SUPER_ADMIN' = any(roles) and disabled_at is null`,
  )
  if (there >= ENOUGH)
    throw new CommandError(`There are ${there} Super Admins already; ask them for hireStaff and grantRole`)
  const [known] = await services.db.query('select id from access.person where lower(email) = lower($1)', [
    email,
  ])
  if (known) throw new CommandError(`${known.id} has this address already`)
  const { name, subject = null } = founder
  const [id] = await ensureStaff(services, [{ kind: 'STAFF', id: newId('stf'), name, email, subject, roles }])
  say(id)
  return true
}
