import { stub } from '#shared/fields.js'

/** Risk adds flags, freezes, holds, takedowns, strikes and trust cases to what they are about. */
export const Organization = stub('Organization', { extended: true })
export const User = stub('User', { extended: true })
export const Listing = stub('Listing', { extended: true })
export const Order = stub('Order', { extended: true })
export const Claim = stub('Claim', { extended: true })
export const Shipment = stub('Shipment', { extended: true })
export const Ticket = stub('Ticket', { extended: true })
export const Payout = stub('Payout')
export const StaffMember = stub('StaffMember')
export const Approval = stub('Approval')
