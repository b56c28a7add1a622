import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type {
  TicketCategory as Category,
  TicketChannel as Channel,
  TicketPriority as Priority,
  TicketStatus as Status,
} from '#shared/events/support.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { belongsTo, TICKET_READERS } from '../audience.js'
import { REMOVED } from '../removed.js'
import { Organization, StaffMember, User } from '../stubs.js'
import { ticket } from '../ticket.js'

export const TicketStatus = states('TicketStatus', 'Where a ticket stands (E68).', {
  OPEN: 'Somebody here has to do something.',
  WAITING_ON_BUYER: 'The buyer has to answer.',
  WAITING_ON_SELLER: 'The seller has to answer.',
  RESOLVED: 'Done, unless the customer says otherwise.',
  CLOSED: 'Over. It takes no more replies.',
})

export const TicketPriority = states('TicketPriority', 'How soon a ticket is due.', {
  LOW: 'When there is time.',
  NORMAL: 'In its turn.',
  HIGH: 'Before normal ones.',
  URGENT: 'At once.',
})

export const TicketCategory = states('TicketCategory', 'What a ticket is about (C12).', {
  REPLY_NEEDED: 'A question that wants an answer.',
  ACCOUNT_HELP: 'Getting in, settings, members.',
  BILLING: 'Plans, fees, invoices, payouts.',
  OPERATIONAL_FOLLOW_UP: 'Something here has to be done or looked after.',
  PROBLEM_REPORT: 'Something is broken, or a listing, person or content was reported.',
  CLAIM: 'An order went wrong.',
  ACCESSIBILITY: 'Something cannot be used by everybody.',
  INCIDENT: 'Many are affected.',
})

export const TicketChannel = states('TicketChannel', 'The way a ticket came (D4).', {
  DASHBOARD: 'The customer opened it where they work.',
  EMAIL: 'By mail.',
  API: 'A machine opened it.',
  CHAT: 'From a chat.',
  INTERNAL: 'Staff opened it.',
  ANONYMOUS_FORM: 'From a form that asks for no sign-in.',
})

@entity('Ticket', {
  description:
    'A customer, or something that happened, that needs somebody to look after it; also called support case.',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'tkt',
  requester: belongsTo,
})
export class Ticket extends Row {
  @text('The number that people say, TKT-2026-04881.', { find: IdentifierKind.TICKET_NUMBER })
  number!: string

  @text('What it is about, in a line.')
  subject!: string

  @oneOf(TicketStatus, 'Where it stands.')
  status!: Status

  @oneOf(TicketPriority, 'How soon it is due; staff decide.')
  priority!: Priority

  @oneOf(TicketCategory, 'What it is about.')
  category!: Category

  @oneOf(TicketChannel, 'How it came.')
  channel!: Channel

  @ref(
    () => Organization,
    'The account it belongs to: its owners, and operators with support access, see it (D14, D15).',
    { nullable: true },
  )
  organizationId!: string | null

  @ref(() => User, 'The customer who asks.', { nullable: true })
  requesterId!: string | null

  @ref(() => StaffMember, 'Who works on it.', { nullable: true, only: READERS })
  assigneeId!: string | null

  @instant('Since when they do (UTC).', { nullable: true, only: READERS })
  assignedAt!: Date | null

  @several(ID, 'Ids of what it is about, besides account and customer: open them with nodes(ids).', {
    only: READERS,
    links: true,
  })
  linkedEntityIds!: string[]

  @text('Who opened it: open with node(id).', { only: READERS })
  openedById!: string

  @text('What kind of person opened it.', { hidden: true })
  openedByKind!: string

  @instant('When it was closed (UTC).', { nullable: true })
  closedAt!: Date | null
}

export const tickets = view(Ticket, {
  of: ticket,
  on: {
    SupportCaseOpened: ({ data, actor }) => ({
      ...data,
      subject: data.subject ?? REMOVED,
      status: TicketStatus.OPEN,
      openedById: actor.id,
      openedByKind: actor.kind,
    }),
    SupportCaseUpdated: ({ data: { assigneeId }, occurredAt }) => ({
      assigneeId,
      assignedAt: assigneeId === null ? null : occurredAt,
    }),
    SupportCaseClosed: ({ occurredAt }) => ({ status: TicketStatus.CLOSED, closedAt: occurredAt }),
  },
})
