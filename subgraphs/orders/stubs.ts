import { stub } from '#shared/fields.js'

/** Orders adds what a person bought. */
export const User = stub('User', { extended: true })
export const Listing = stub('Listing')
/** Orders adds its orders, payouts and disputes to the seller. */
export const Organization = stub('Organization', { extended: true })
