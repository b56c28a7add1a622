import { stub } from '#shared/fields.js'

/** Support adds their tickets to the customer, to the account, and to what a ticket is about. */
export const User = stub('User', { extended: true })
export const Organization = stub('Organization', { extended: true })
export const Order = stub('Order', { extended: true })
export const StaffMember = stub('StaffMember')
export const Integration = stub('Integration')
/** Support adds the incidents that affect it. */
export const Site = stub('Site', { extended: true })
export const AuditSlice = stub('AuditSlice')
export const Event = stub('Event')
