import { Approval } from '#shared/approval.js'
import { type Class, stub } from '#shared/fields.js'
import { states } from '#shared/states.js'
import { Policy } from './policies/policy.js'
import { PolicyVersion } from './policies/policy-version.js'
import { AuditSlice } from './slices/audit-slice.js'

/** Every type of entity of the other subgraphs, and what a person calls it. Each gets a timeline and links here. */
const NAMES = {
  User: 'A customer.',
  Organization: 'A seller or buying company.',
  Site: 'A storefront.',
  Membership: 'Who works for which organization.',
  StaffMember: 'Somebody who works here.',
  AccessRequest: 'What somebody asked to be given.',
  LegalAcceptance: 'That a user accepted a document.',
  LegalAcceptanceRequest: 'That users are to accept a document.',
  Integration: 'A machine with tokens.',
  ApiToken: 'A key of a person or machine.',
  Checkout: 'What a buyer paid at once.',
  Order: "One seller's part of a checkout.",
  Payment: 'Money that a buyer paid.',
  Shipment: 'A parcel.',
  ShipmentIssue: 'Something that is wrong with a parcel.',
  ShipmentInvestigation: 'Somebody looks into what became of a parcel.',
  Refund: 'Money that was given back.',
  Dispute: 'A chargeback.',
  Claim: 'A disagreement about an order.',
  ClaimNote: 'A note of a claim.',
  Workflow: 'Steps that Opsgraph takes about orders, one after the other.',
  Payout: 'Money that went to a seller.',
  LedgerTransaction: 'Money that moved.',
  LedgerEntry: 'One side of a ledger transaction.',
  LedgerAdjustment: 'A correction of the ledger by hand.',
  Ticket: 'A support case.',
  TicketMessage: 'A message or note of a ticket.',
  Attachment: 'A file that was sent with a ticket.',
  Notification: 'Something that somebody was told.',
  MessageDelivery: 'That one thing is told to one recipient by one way.',
  NotificationPreferences: 'How somebody wants to be told what.',
  InboundMail: 'A mail that came in.',
  Queue: 'Where tickets lie.',
  RoutingRuleSet: 'How tickets find their queue.',
  Operator: 'What somebody covers in support.',
  TicketEscalation: 'That a ticket was escalated.',
  OnCallShift: 'When somebody is on call.',
  Incident: 'Something that affects many.',
  Handoff: 'A matter that was handed over.',
  AccessibilityReport: 'A barrier that somebody met.',
  Runbook: 'A guide for staff.',
  SupportChannel: 'Whom mail about tickets is from.',
  Macro: 'A prepared answer.',
  LegalCommunication: 'What somebody wrote in a legal matter.',
  SlaTerms: 'How soon an account is answered.',
  RiskFlag: 'Something suspicious.',
  PayoutHold: 'Payouts that are held back.',
  OrgFreeze: 'An organization that is stopped.',
  ListingTakedown: 'A listing that was taken down.',
  Strike: 'That a seller broke the rules.',
  TrustCase: 'Something handed to Trust & Safety.',
  CatalogItem: 'A product as the catalog describes it.',
  Listing: 'An offer of a seller.',
  Bid: 'An offer of a buyer.',
} as const

/** Audit's own. */
const OWN = { Approval, Policy, PolicyVersion, AuditSlice }

export type EntityName = keyof typeof NAMES | keyof typeof OWN

const others = Object.keys(NAMES) as (keyof typeof NAMES)[]

/** The other subgraphs' entities, to which audit adds fields. */
export const STUBS: ReadonlyMap<EntityName, Class<{ id: string }>> = new Map(
  others.map(name => [name, stub(name, { extended: true })]),
)
export const StaffMember = STUBS.get('StaffMember')!
export const Queue = STUBS.get('Queue')!

/** Every entity that has a timeline. */
export const ENTITIES: ReadonlyMap<EntityName, Class<{ id: string }>> = new Map([
  ...STUBS,
  ...(Object.entries(OWN) as [EntityName, Class<{ id: string }>][]),
])

const constant = (name: string): string =>
  name.replace(/(?<=[a-z])[A-Z]/g, letter => `_${letter}`).toUpperCase()

/** `StaffMember` → `STAFF_MEMBER`: how the graph writes a type's name as a value. */
export const EntityType = states('EntityType', 'A type of entity.', {
  ...Object.fromEntries(Object.entries(NAMES).map(([name, meaning]) => [constant(name), meaning])),
  APPROVAL: 'A request for a second person.',
  POLICY: 'A rule that is data.',
  POLICY_VERSION: 'A change of a rule.',
  AUDIT_SLICE: 'Events of the log that were frozen.',
})

const byConstant = new Map([...ENTITIES.keys()].map(name => [constant(name), name]))
export const entityTypeOf = (name: EntityName): string => constant(name)
export const entityNameOf = (value: string): EntityName => byConstant.get(value)!
