import { aggregate } from '#shared/aggregate.js'
import type { AuditEvents } from '#shared/events/audit.js'

/** A reaction to one event, of which the log knows only what people did about it. */
export const reactionJob = aggregate<null, AuditEvents>({
  type: 'ReactionJob',
  prefix: 'job',
  initial: null,
  evolve: {},
})

export const jobId = (number: number): string => `job_${number}`

/** `job_12` → 12; null when it is no id of a job. */
export const jobNumber = (id: string): number | null => {
  const [, digits] = /^job_(\d{1,15})$/.exec(id) ?? []
  return digits ? Number(digits) : null
}
