import { aggregate } from '#shared/aggregate.js'
import type { AuditEvents } from '#shared/events/audit.js'

/** Frozen when it is made, never changed. */
export const auditSlice = aggregate<null, AuditEvents>({
  type: 'AuditSlice',
  prefix: 'asl',
  initial: null,
  evolve: {},
})
