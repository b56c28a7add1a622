import { newId } from '#shared/id.js'
import { Role } from '#shared/roles.js'
import { ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import type { Opened } from './open.js'
import { CommandError, say } from './output.js'

export interface FirstAdmin {
  name: string
  subject?: string
}

/**
 * `opsgraph staff <email>`: the first Super Admin, whom nobody could have hired. Refused once there is one: from then on it takes
 * hireStaff and grantRole, which leave a trail with two names.
 */
export async function addFirstAdmin(
  email: string,
  { name, subject }: FirstAdmin,
  { services }: Opened,
): Promise<boolean> {
  const [{ there }] = await services.db.query(
    `select exists (select from access.person where 'SUPER_ADMIN' = any(roles) and disabled_at is null) as there`,
  )
  if (there) throw new CommandError('There is a Super Admin already; ask them for hireStaff and grantRole')
  const [id] = await ensureStaff(services, [
    { kind: 'STAFF', id: newId('stf'), name, email, subject: subject ?? null, roles: [Role.SUPER_ADMIN] },
  ])
  say(id)
  return true
}
