import { aggregate } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { Role } from '#shared/roles.js'

/** Who reads what lawyers and courts write (A17). */
export const LEGAL_READERS: readonly Role[] = [Role.SUPPORT_LEAD, Role.SUPER_ADMIN, Role.AUDITOR]

/** Written down once, never changed. */
export const legalCommunication = aggregate<null, DeskEvents>({
  type: 'LegalCommunication',
  prefix: 'lgc',
  initial: null,
  evolve: {},
})
