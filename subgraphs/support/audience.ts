import type { Identity } from '#shared/identity.js'
import { both, type Filter } from '#shared/loader.js'
import type { Access } from '#shared/permissions.js'
import { READERS, Role } from '#shared/roles.js'

/** Insiders, and customers: they see what is theirs of it (D15). */
export const TICKET_READERS: readonly Access[] = [...READERS, Role.REQUESTER]

/** Who sees how to reach somebody who did not sign in: those who deal with people. All others see a masked address. */
export const CONTACT_READERS: readonly Access[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.SUPER_ADMIN,
]

/** Who reads what a customer is called: auditors see nothing personal, catalog needs none. */
export const NAME_READERS: readonly Access[] = [...CONTACT_READERS, Role.FINANCE_ADMIN, 'read:all']

/** Whose something is. */
export interface Owned {
  organizationId: string | null
  requesterId: string | null
}

export const isCustomer = ({ kind }: Pick<Identity, 'kind'>): boolean => kind === 'REQUESTER'

/** Whose a ticket is, and since when its customers know of it. */
export interface OwnedTicket extends Owned {
  /** Null: not yet; see `Standing.shownSince`. */
  shownSince: Date | string | null
}

/** Of the customer's own account, or their own. */
export const belongsTo = ({ organizationId, requesterId }: Owned, { personId, orgIds }: Identity): boolean =>
  requesterId === personId || (organizationId !== null && orgIds.includes(organizationId))

/** The account that a customer means without saying: the only one that they have. */
export const onlyAccount = ({ orgIds }: Identity): string | null => (orgIds.length === 1 ? orgIds[0]! : null)

/** Whether the caller may act on a ticket: staff and machines on any, a customer on those of theirs that they know of. */
export const mayTouch = (owned: OwnedTicket, identity: Identity): boolean =>
  !isCustomer(identity) || (owned.shownSince !== null && belongsTo(owned, identity))

/** Everything that somebody is told comes to one of these ids: their own, and those of their accounts. */
export const mailboxesOf = ({ personId, orgIds }: Identity): string[] => [personId, ...orgIds]

/** Rows that are the customer's, as `belongsTo` says. */
export const theirs = ({ personId, orgIds }: Identity): Filter => ({
  where: 'requester_id = $1 or organization_id = any($2)',
  values: [personId, orgIds],
})

/** The customer's tickets that they know of: what staff opened for themselves is none until something public was said on it (C15). */
export const theirTickets = (identity: Identity): Filter =>
  both(theirs(identity), { where: 'shown_since is not null', values: [] })
