import type { Sum } from '#shared/money.js'

export type RiskFlagKind =
  | 'PAYMENT_FRAUD'
  | 'ACCOUNT_TAKEOVER'
  | 'IDENTITY'
  | 'COUNTERFEIT'
  | 'PROHIBITED_ITEM'
  | 'COLLUSION'
  | 'VELOCITY'
  | 'CHARGEBACKS'
  | 'NEGATIVE_BALANCE'
  | 'ABUSE'
  | 'OTHER'
export type RiskSeverity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'
export type StrikeSeverity = 'MINOR' | 'MAJOR' | 'SEVERE'
export type TrustOutcome = 'NO_ACTION' | 'ACTION_TAKEN' | 'REFERRED'
export type ListingPolicy =
  | 'COUNTERFEIT'
  | 'PROHIBITED_ITEM'
  | 'INTELLECTUAL_PROPERTY'
  | 'PRODUCT_SAFETY'
  | 'FRAUD'
  | 'MISLEADING'
  | 'LEGAL_ORDER'

/** Something that a rule looked at. */
export interface RiskFactSeen {
  name: string
  value: string
}

/** What can happen in risk and trust. What is optional is personal, and absent once it was erased. Shapes only ever grow. */
export interface RiskEvents {
  RiskFlagRaised: {
    subjectId: string
    kind: RiskFlagKind
    severity: RiskSeverity
    rule: string
    triggeredAt: string
    inputs?: RiskFactSeen[]
  }
  RiskFlagCleared: { subjectId: string }
  PayoutHeld: { organizationId: string; payoutId: string | null; amount: Sum | null; until: string | null }
  PayoutHoldReleased: { organizationId: string; payoutId: string | null; approvalId: string | null }
  OrgFrozen: { organizationId: string }
  OrgUnfrozen: { organizationId: string; approvalId: string | null }
  ListingTakedownApplied: { listingId: string; policy: ListingPolicy; until: string | null }
  ListingReinstated: { listingId: string; approvalId: string | null }
  TrustCaseOpened: { fromId: string; subjectIds: string[]; evidence: string[]; summary?: string }
  TrustCaseAssigned: { assigneeId: string | null }
  TrustCaseDecided: { outcome: TrustOutcome; statement?: string }
  StrikeIssued: {
    organizationId: string
    severity: StrikeSeverity
    orderId: string | null
    workflowId: string | null
    expiresAt: string
    statement?: string
  }
  StrikeRevoked: { organizationId: string }
}

export const RISK_EVENTS = {
  RiskFlagRaised: 'Something was marked as a risk, by a person or a rule.',
  RiskFlagCleared: 'A risk flag was taken away again.',
  PayoutHeld: 'Money of an organization is kept from being paid out.',
  PayoutHoldReleased: 'A payout hold was taken away before its time.',
  OrgFrozen: 'An organization was stopped from doing business.',
  OrgUnfrozen: 'An organization may do business again; two people decided so.',
  ListingTakedownApplied: 'A listing was taken from the marketplace.',
  ListingReinstated: 'A listing is back on the marketplace; two people decided so.',
  TrustCaseOpened: 'Something was handed to Trust & Safety.',
  TrustCaseAssigned: 'A trust case was taken by somebody, or given back.',
  TrustCaseDecided: 'A trust case was decided.',
  StrikeIssued: 'A seller was given a strike.',
  StrikeRevoked: 'A strike was taken back.',
} satisfies Record<keyof RiskEvents, string>
