/**
 * Whether a time-limited measure still holds. Nothing has to happen for it to end: whoever looks compares with the clock, so that it ends
 * on the second even while Opsgraph is down.
 */
export const inForce = (until: Date | string | null, now: Date): boolean =>
  until === null || new Date(until) > now
