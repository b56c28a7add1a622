export type TicketStatus = 'OPEN' | 'WAITING_ON_BUYER' | 'WAITING_ON_SELLER' | 'RESOLVED' | 'CLOSED'
export type TicketPriority = 'LOW' | 'NORMAL' | 'HIGH' | 'URGENT'
export type TicketCategory =
  | 'REPLY_NEEDED'
  | 'ACCOUNT_HELP'
  | 'BILLING'
  | 'OPERATIONAL_FOLLOW_UP'
  | 'PROBLEM_REPORT'
  | 'CLAIM'
  | 'ACCESSIBILITY'
  | 'INCIDENT'
export type TicketChannel = 'DASHBOARD' | 'EMAIL' | 'API' | 'CHAT' | 'INTERNAL' | 'ANONYMOUS_FORM'
export type MessageVisibility = 'PUBLIC' | 'PRIVATE'
export type MessageKind = 'STAFF_REPLY' | 'USER_MESSAGE' | 'INTERNAL_NOTE' | 'SYSTEM'

/** Whose ticket it was when it happened: what a customer may see of it follows from this. */
interface OfCustomer {
  organizationId: string | null
  requesterId: string | null
}

/** Who works on a ticket changed; more kinds of change will come, each with fields of its own. */
export interface AssigneeChanged {
  change: 'ASSIGNEE'
  assigneeId: string | null
  previousAssigneeId: string | null
}

/** What can happen to tickets (support cases, X12). What is optional is personal, and absent once it was erased. Shapes only ever grow. */
export interface SupportEvents {
  SupportCaseOpened: OfCustomer & {
    number: string
    priority: TicketPriority
    category: TicketCategory
    channel: TicketChannel
    linkedEntityIds: string[]
    messageId: string
    visibility: MessageVisibility
    kind: MessageKind
    subject?: string
    body?: string
  }
  SupportReplyPosted: OfCustomer & { messageId: string; kind: MessageKind; body?: string }
  SupportNoteAdded: { messageId: string; body?: string }
  SupportCaseUpdated: AssigneeChanged
  SupportCaseClosed: { by: 'REQUESTER_CONFIRMED' | 'STAFF' | 'TIMER' }
}

export const SUPPORT_EVENTS = {
  SupportCaseOpened: 'A ticket was opened, with its first message.',
  SupportReplyPosted: 'Somebody wrote what the customer can read: staff to the customer, or the customer.',
  SupportNoteAdded: 'Staff wrote what only staff can read.',
  SupportCaseUpdated: 'Something about a ticket changed; `change` says what.',
  SupportCaseClosed: 'A ticket came to its end.',
} satisfies Record<keyof SupportEvents, string>

/** What a customer may learn about a ticket of theirs (C15, X10): a list, so that what is added later stays with staff until it is named. */
const FOR_CUSTOMERS: ReadonlySet<string> = new Set<keyof SupportEvents>([
  'SupportCaseOpened',
  'SupportReplyPosted',
  'SupportCaseClosed',
])
const CHANGES_FOR_CUSTOMERS: ReadonlySet<unknown> = new Set<SupportEvents['SupportCaseUpdated']['change']>([
  'ASSIGNEE',
])

/**
 * Whether a customer who sees the ticket may know that this happened to it. Who did it, why and what was noted down stays with staff.
 */
export const isForCustomers = ({ type, data }: { type: string; data: { change?: unknown } }): boolean =>
  FOR_CUSTOMERS.has(type) || (type === 'SupportCaseUpdated' && CHANGES_FOR_CUSTOMERS.has(data.change))
