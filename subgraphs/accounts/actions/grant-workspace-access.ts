import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { MemberRole } from '#shared/events/accounts.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { site } from '../site.js'
import { MembershipRole } from '../views/membership.js'
import { Site } from '../views/site.js'

const DAY_MS = 86_400_000
/** Longest access that a support lead gives, in days; a Super Admin gives up to a year. */
const DAYS = { lead: 1, superAdmin: 366 }

@InputType('GrantWorkspaceAccessInput', { description: 'Who may enter which store, as what, until when.' })
export class GrantWorkspaceAccessInput extends ActionInput {
  @given('Site', 'The store.')
  siteId!: string

  @given('User', 'Who may enter it.')
  userId!: string

  @oneOf(MembershipRole, 'As what.')
  role!: MemberRole

  @instant(
    'Until when (UTC): at most 24 hours when a support lead grants it, a year when a Super Admin does.',
  )
  expiresAt!: Date
}

/** A11: access always ends; a support lead's within a day. */
export const grantWorkspaceAccess = action({
  name: 'grantWorkspaceAccess',
  description: "Lets a user into a store's workspace for some time; a new grant replaces an older one.",
  input: GrantWorkspaceAccessInput,
  risk: 'SENSITIVE',
  reasons: {
    SUPPORT_CASE: 'A case cannot be solved without it.',
    OWNER_REQUEST: 'The owner asked for it.',
    RECOVERY: 'Nobody else can reach the store.',
    ACCESS_REQUEST: 'A colleague asked for it.',
  },

  on: site,
  target: input => input.siteId,
  async prepare({ userId }, tx) {
    const [row] = await tx.query('select status from accounts."user" where id = $1', [userId])
    return (row?.status ?? null) as string | null
  },

  allow: [Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide({ status }, { userId, role, expiresAt }, { now, actorRoles, read: userStatus }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such store.', 'siteId')
    if (userStatus === null) refuse('NOT_FOUND', 'There is no such user.', 'userId')
    if (userStatus !== 'ACTIVE')
      refuse('INVALID_STATE', `This user is ${userStatus}.`, 'userId', { status: userStatus })
    const days = actorRoles.includes(Role.SUPER_ADMIN) ? DAYS.superAdmin : DAYS.lead
    const latest = new Date(now.getTime() + days * DAY_MS)
    if (expiresAt <= now || expiresAt > latest)
      refuse('INVALID', `Has to end between now and ${latest.toISOString()}.`, 'expiresAt', { latest })
    return {
      type: 'WorkspaceAccessGranted',
      data: { userId, role, expiresAt: expiresAt.toISOString() },
      refs: [userId],
    }
  },

  emits: ['WorkspaceAccessGranted'],
  returns: { store: Site },
})
