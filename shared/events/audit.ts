/** What people do about Opsgraph's own machinery. */
export interface AuditEvents {
  ReactionRetried: { reaction: string; event: string }
}

export const AUDIT_EVENTS = {
  ReactionRetried: 'A reaction that was given up was started again.',
} satisfies Record<keyof AuditEvents, string>
