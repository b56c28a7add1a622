/** The second pair of eyes. A request is never deleted; running out is an event too. */
export interface ApprovalEvents {
  ApprovalRequested: {
    action: string
    subgraph: string
    targetId: string
    /** Other entities that the request names: what becomes of it shows on their timelines too. */
    about?: string[]
    targetVersion: number
    input: Record<string, unknown>
    /** What of the input is about a person; absent once it was erased. */
    personalInput?: Record<string, unknown>
    inputHash: string
    requesterId: string
    requesterRoles: string[]
    approverRoles: string[]
    why: string
    expiresAt: string
  }
  ApprovalExecuted: { decidedById: string }
  ApprovalRejected: { decidedById: string }
  ApprovalWithdrawn: { decidedById: string }
  ApprovalExpired: Record<string, never>
}

export const APPROVAL_EVENTS = {
  ApprovalRequested: 'Somebody asked for an action that takes a second person.',
  ApprovalExecuted: 'A second person approved, and the action was carried out.',
  ApprovalRejected: 'A second person said no.',
  ApprovalWithdrawn: 'Who asked took it back.',
  ApprovalExpired: 'Nobody decided in time.',
} satisfies Record<keyof ApprovalEvents, string>
