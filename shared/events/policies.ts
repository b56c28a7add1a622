/** Rules that are data: their values, in versions. */
export interface PolicyEvents {
  PolicyChanged: {
    key: string
    value: unknown
    /** What was in force, or was to be, before. */
    before: unknown
    effectiveFrom: string
    approvalId: string | null
  }
}

export const POLICY_EVENTS = {
  PolicyChanged: 'Two people changed a rule; it holds from a day on.',
} satisfies Record<keyof PolicyEvents, string>
