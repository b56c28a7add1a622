import { stub } from '#shared/fields.js'

/** Catalog adds what a person bid. */
export const User = stub('User', { extended: true })
/** Catalog adds what an organization lists. */
export const Organization = stub('Organization', { extended: true })
