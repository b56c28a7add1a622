/** Which events were chosen; instants are ISO 8601. */
export interface SliceFilter {
  types?: string[]
  actorId?: string
  references?: string[]
  after?: string
  before?: string
}

/** What people do about the log and Opsgraph's own machinery. */
export interface AuditEvents {
  ReactionRetried: { reaction: string; event: string }
  AuditSliceCreated: {
    filter: SliceFilter
    /** What it was made for: a ticket or a handover. */
    attachedToId: string | null
    /** Oldest first, with the hash of each as it was then, hexadecimal. */
    eventIds: string[]
    hashes: string[]
    /** SHA-256 over both lists. */
    digest: string
  }
}

export const AUDIT_EVENTS = {
  AuditSliceCreated: 'Events of the log were chosen and frozen, with their hashes.',
  ReactionRetried: 'A reaction that was given up was started again.',
} satisfies Record<keyof AuditEvents, string>
