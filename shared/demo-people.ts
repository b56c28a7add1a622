import { externalId } from '#shared/id.js'

/** Where customers of the demo come from. */
export const DEMO_SOURCE = 'demo'

/** Customers of a development machine, each of an account of their own, by the id that the demo marketplace gives them. */
export const DEMO_CUSTOMERS = {
  rico: externalId('usr', DEMO_SOURCE, 'rico'),
  juno: externalId('usr', DEMO_SOURCE, 'juno'),
} as const
