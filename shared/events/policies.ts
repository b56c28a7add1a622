/** Rules that are data: their values, in versions. */
export interface PolicyEvents {
  PolicyChanged: {
    key: string
    /** Counts the changes of this policy, from 1. */
    version?: number
    value: unknown
    /** What was in force, or was to be, before. */
    before: unknown
    effectiveFrom: string
    /** Who asked for it; who approved it is the event's actor. */
    requestedById?: string
    approvalId: string | null
  }
}

export const POLICY_EVENTS = {
  PolicyChanged: 'Two people changed a rule; it holds from a day on.',
} satisfies Record<keyof PolicyEvents, string>
