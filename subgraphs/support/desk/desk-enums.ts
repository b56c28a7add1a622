import { registerEnumType } from 'type-graphql'
import { states } from '#shared/states.js'

export const EscalationTrigger = states('EscalationTrigger', 'Why a ticket is escalated (A20, A21).', {
  PLATFORM_WIDE_ACCESS: 'Nobody, or hardly anybody, gets in.',
  PAYMENTS: 'Money does not move, or moves wrongly.',
  LEGAL_COMPLIANCE: 'The law is concerned.',
  WIDESPREAD_CUSTOMER_IMPACT: 'Many customers are hit.',
  MODERATION_EDGE_CASE: 'Moderation does not know what to do.',
  CONFLICTING_LEGAL_EVIDENCE: 'Legal evidence contradicts itself.',
  PRODUCTION_RELEASE_REGRESSION: 'A release broke what worked.',
  MULTI_STORE_ORDER_FAILURE: 'Orders fail in several stores.',
  MULTI_STORE_NOTIFICATION_FAILURE: 'Notifications fail in several stores.',
})

export const EscalationLevel = states('EscalationLevel', 'How soon an escalation is to be taken up.', {
  IMMEDIATE: 'Now, at any hour.',
  PROMPT: 'Soon, within business hours that a policy says.',
})

export const PageBecause = states('PageBecause', 'Why somebody was paged.', {
  ON_CALL: 'They were on call.',
  NOBODY_ON_CALL: 'Nobody was on call: all leads were paged.',
  NOT_ACKNOWLEDGED: 'Nobody had acknowledged it in time: leads, and whoever was on call, were paged.',
})

export const AccessibilityReportStatus = states(
  'AccessibilityReportStatus',
  'Where a report of a barrier stands (A33). Not the state of a ticket (X1).',
  {
    NEW: 'Nobody looked at it yet.',
    TRIAGED: 'It was understood and judged.',
    IN_PROGRESS: 'Somebody works on it.',
    RESOLVED: 'The barrier is gone.',
    DISMISSED: 'Nothing will be done about it; the reason says why.',
  },
)

export const AccessibilitySeverity = states(
  'AccessibilitySeverity',
  'How grave a barrier is. Not the priority of a ticket (X20).',
  {
    LOW: 'A nuisance.',
    MEDIUM: 'It takes much more effort than it should.',
    HIGH: 'Something that one needs cannot be done.',
    CRITICAL: 'Many cannot use it at all.',
  },
)

export const BlockedCapability = states('BlockedCapability', 'What a barrier keeps people from (A30).', {
  CHECKOUT: 'Buying.',
  AUTHENTICATION: 'Signing up or in.',
  LEGAL_PRIVACY_CHOICE:
    'A legal or privacy choice, such as consent to cookies, essential or for analytics (B36).',
  STORE_MANAGEMENT: 'Managing a store.',
})

export const HandoffStatus = states('HandoffStatus', 'Where a handover stands.', {
  OPEN: 'Nobody took it over yet.',
  ACCEPTED: 'Somebody took it over.',
  RETURNED: 'It went back, because something is missing.',
})

/** Events and rows name a part as the field of the input that holds it. */
export const HandoffPart = {
  ROUTE: 'route',
  STORE_SLUG: 'storeSlug',
  ENTITY_IDS: 'entityIds',
  TIMELINE: 'timeline',
  EVIDENCE: 'evidence',
  NEXT_ACTION: 'nextAction',
} as const
registerEnumType(HandoffPart, {
  name: 'HandoffPart',
  description: 'What a handover has to have (A23 to A27).',
  valuesConfig: {
    ROUTE: { description: 'The route involved; it starts with "/".' },
    STORE_SLUG: { description: "The store's short name, unless all of the platform is concerned." },
    ENTITY_IDS: { description: 'Ids of what it is about, unless all of the platform is concerned.' },
    TIMELINE: { description: 'What was observed, when and by what.' },
    EVIDENCE: { description: 'Slices of the log, or evidence.' },
    NEXT_ACTION: { description: 'What to do next.' },
  },
})

export const LegalCommunicationKind = states(
  'LegalCommunicationKind',
  'What somebody wrote to us in a legal matter (A17).',
  {
    NOTICE: 'They tell us something.',
    REQUEST: 'They ask for something.',
    TAKEDOWN_NOTICE: 'They want something taken down.',
    SUBPOENA: 'A court orders something.',
  },
)
