import { aggregate } from '#shared/aggregate.js'
import type { AccountEvents } from '#shared/events/accounts.js'

/** A machine that may be given tokens. Nothing is decided about it once it is registered. */
export const integration = aggregate<null, AccountEvents>({
  type: 'Integration',
  prefix: 'svc',
  initial: null,
  evolve: {},
})
