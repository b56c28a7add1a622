import type { Sum } from '#shared/money.js'

export type ClaimKind =
  | 'NOT_RECEIVED'
  | 'NOT_AS_DESCRIBED'
  | 'DAMAGED'
  | 'UNAUTHORIZED'
  | 'CHARGEBACK'
  | 'OTHER'
export type ClaimParty = 'BUYER' | 'SELLER' | 'PLATFORM' | 'CARRIER'
export type ClaimOutcome = 'BUYER' | 'SELLER' | 'SPLIT' | 'WITHDRAWN'
export type ClaimNoteVisibility = 'INTERNAL' | 'PARTIES'
export type ClaimSlaMetric = 'FIRST_RESPONSE' | 'EVIDENCE'

/** What can happen to claims: disagreements about an order that people settle. Free words are personal. */
export interface ClaimEvents {
  ClaimOpened: {
    orderId: string
    buyerId: string | null
    sellerId: string | null
    kind: ClaimKind
    amount: Sum
    /** The chargeback that opened it, if one did. */
    disputeId: string | null
    workflowId: string | null
    /** First answer is due then (ISO 8601). */
    responseDueAt: string
    summary?: string
  }
  /** A chargeback about the same order joined it, or changed. */
  ClaimChargebackLinked: { disputeId: string; state: string }
  EvidenceRequested: {
    requirementId: string
    kind: string
    from: ClaimParty
    dueAt: string
    instructions?: string
  }
  EvidenceSatisfied: { requirementId: string; evidence: string[]; description?: string }
  EvidenceWaived: { requirementId: string }
  ClaimNoteAdded: { visibility: ClaimNoteVisibility; noteId?: string; body?: string }
  /** What was promised by a date did not come by then. `requirementId`: which evidence, for EVIDENCE. */
  ClaimSlaBreached: { metric: ClaimSlaMetric; requirementId: string | null; dueAt: string }
  ClaimResolved: { outcome: ClaimOutcome; buyerAmount: Sum | null; statement?: string }
  ClaimClosed: Record<string, never>
}

export const CLAIM_EVENTS = {
  ClaimOpened: 'A buyer, a person of staff or a chargeback opened a claim about an order.',
  ClaimChargebackLinked: 'A chargeback joined a claim, or its state changed.',
  EvidenceRequested: 'Somebody is asked to prove something until a date.',
  EvidenceSatisfied: 'What was asked for was given.',
  EvidenceWaived: 'What was asked for is no longer needed.',
  ClaimNoteAdded: 'Somebody wrote on a claim.',
  ClaimSlaBreached: 'An answer or evidence did not come in time.',
  ClaimResolved: 'A claim was decided.',
  ClaimClosed: 'A decided claim came to its end.',
} satisfies Record<keyof ClaimEvents, string>
