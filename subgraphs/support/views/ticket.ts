import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type {
  TicketCategory as Category,
  TicketChannel as Channel,
  TicketContext as Context,
  FilterState as Filtering,
  TicketPriority as Priority,
  RoutingFrozen,
  TicketStatus as Status,
  TicketStatusReason as StatusReason,
} from '#shared/events/support.js'
import { count, entity, flag, instant, json, oneOf, part, ref, several, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { type Patch, view } from '#shared/view.js'
import { RANK_OF, type Work } from '#shared/work.js'
import { CONTACT_READERS, TICKET_READERS, theirTickets } from '../audience.js'
import {
  FilterState,
  TicketCategory,
  TicketChannel,
  TicketPriority,
  TicketStatus,
  TicketStatusReason,
} from '../enums.js'
import { REMOVED } from '../removed.js'
import type { SlaCycle } from '../sla/sla.js'
import type { SlaEmergency } from '../sla/sla-emergency.js'
import { ANY_STEPS, NOWHERE, type Standing } from '../standing.js'
import { phaseOf } from '../status.js'
import { Organization, StaffMember, User } from '../stubs.js'
import { ticket } from '../ticket.js'
import { Queue } from './queue.js'
import { TicketContextSnapshot } from './ticket-context.js'

@entity('Ticket', {
  description:
    'A customer, or something that happened, that needs somebody to look after it; also called support case.',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'tkt',
  requester: theirTickets,
})
export class Ticket extends Row {
  @text('The number that people say, TKT-2026-04881.', { find: IdentifierKind.TICKET_NUMBER })
  number!: string

  @text('What it is about, in a line.', { find: IdentifierKind.NAME, findOnly: READERS })
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

  @instant('When it was closed (UTC); null while it is not.', { nullable: true })
  closedAt!: Date | null

  @oneOf(TicketStatusReason, 'Why it stands where it stands.', { only: READERS })
  statusReason!: StatusReason

  @instant('Since when it stands there (UTC).')
  statusSince!: Date

  @oneOf(TicketStatus, 'Where it stood before; a wrong status can be put back to it.', {
    nullable: true,
    only: READERS,
  })
  previousStatus!: Status | null

  @instant('When it was resolved (UTC); null while it is not.', { nullable: true })
  resolvedAt!: Date | null

  @instant(
    'When it closes by itself unless the customer replies (UTC): 48 hours by the clock after it was resolved.',
    {
      nullable: true,
    },
  )
  closesAt!: Date | null

  @instant('When it was closed for the first time (UTC), however often it was reopened.', { nullable: true })
  firstClosedAt!: Date | null

  @count('How often it was reopened.')
  reopenCount!: number

  @flag('Something is left to do before it may close: it does not close by itself.', { only: READERS })
  followUpNeeded!: boolean

  @ref(() => Queue, 'The queue it lies in.', { nullable: true, only: READERS })
  queueId!: string | null

  @several(String, 'Words that staff sort it by.', { only: READERS })
  tags!: string[]

  @flag('Somebody may come to harm: it goes before everything else (C13).', { only: READERS })
  safetySensitive!: boolean

  @oneOf(FilterState, 'Whether it is in the inbox, or kept apart.', { only: READERS })
  filterState!: Filtering

  @text('The rule that kept it out of the inbox.', { nullable: true, only: READERS })
  filteredBy!: string | null

  @instant('Put aside until then (UTC).', { nullable: true, only: READERS })
  snoozedUntil!: Date | null

  @instant('When staff first replied (UTC).', { nullable: true })
  firstRepliedAt!: Date | null

  @instant('When staff last replied (UTC).', { nullable: true })
  lastStaffReplyAt!: Date | null

  @instant('When the customer last said something (UTC).', { nullable: true })
  lastCustomerMessageAt!: Date | null

  @flag('The customer had the last word.', { only: READERS })
  awaitsReply!: boolean

  @json('Its timers.', { hidden: true })
  slaCycles!: SlaCycle[]

  @json('The last one as customers may know it, where that is something else.', {
    hidden: true,
    nullable: true,
  })
  slaShown!: SlaCycle | null

  @instant('When the last of them began.', { hidden: true, nullable: true })
  slaBeganAt!: Date | null

  @json('Promises of a reply after escalations that cannot wait.', { hidden: true })
  slaEmergencies!: SlaEmergency[]

  @instant('When staff have to have replied for the first time (UTC); null while nothing runs, see sla.', {
    nullable: true,
    only: READERS,
  })
  slaDueAt!: Date | null

  @instant('From when on that is at risk.', { hidden: true, nullable: true })
  slaAtRiskAt!: Date | null

  @ref(() => Ticket, 'The ticket that it went into.', { nullable: true })
  mergedIntoId!: string | null

  @text('What a problem report is about, as whoever reported it named it.', { nullable: true, only: READERS })
  reportedId!: string | null

  @text('The site it was opened from.', { nullable: true })
  site!: string | null

  @part(
    () => TicketContextSnapshot,
    'What Opsgraph knew of account and customer when it was opened (D16); never changed.',
    {
      nullable: true,
    },
  )
  openContext!: Context | null

  @flag('Whoever opened it did not sign in: who they are is what they say.', { only: READERS })
  isUnverified!: boolean

  @text('Where whoever opened it without signing in can be reached; nobody verified it.', {
    nullable: true,
    only: CONTACT_READERS,
    find: IdentifierKind.EMAIL,
  })
  contactEmail!: string | null

  @text('What whoever opened it without signing in is called, as they say.', {
    nullable: true,
    only: CONTACT_READERS,
  })
  contactName!: string | null

  @text('Where answers of this ticket go, if not to the address that is recorded of the customer (D57).', {
    nullable: true,
    only: CONTACT_READERS,
    find: IdentifierKind.EMAIL,
  })
  requesterEmail!: string | null

  @count('How often the address of who did not sign in was changed.', { hidden: true })
  accessRound!: number

  @json('How it found its queue.', { hidden: true, nullable: true })
  routing!: RoutingFrozen | null

  @instant('Since when its customers know of it; null while nothing public was said on it.', {
    hidden: true,
    nullable: true,
  })
  shownSince!: Date | null

  @instant('When something happened that customers may know of.', { hidden: true })
  touchedAt!: Date

  @count('How many events shaped it that customers may know of.', { hidden: true })
  customerVersion!: number
}

/** A step of how it stands, as a change of the row: instants may be texts there, since a row is written as JSON. */
const stepOf =
  (type: string) =>
  (event: { data: unknown; occurredAt: Date }, row: Ticket | null): Patch<Ticket> =>
    ANY_STEPS[type]!((row as Standing | null) ?? NOWHERE, event.data, event) as Patch<Ticket>

/** What is kept apart is no work; what was put aside waits until its time comes. */
function work(row: Ticket): Work | null {
  if (row.filterState !== 'INBOX') return null
  const phase = phaseOf(row.status)
  const isAside = phase === 'ACTIVE' && row.snoozedUntil !== null
  return {
    phase: isAside ? 'WAITING' : phase,
    title: row.subject,
    priority: RANK_OF[row.priority],
    safetySensitive: row.safetySensitive,
    dueAt: row.slaDueAt,
    since: row.statusSince,
    assigneeId: row.assigneeId,
    queueId: row.queueId,
    workspace: row.queueId === null ? 'TRIAGE' : null,
    becauseOf: isAside ? 'SNOOZED' : row.statusReason,
  }
}

export const tickets = view(Ticket, {
  of: ticket,
  work,
  on: {
    ...Object.fromEntries(Object.keys(ANY_STEPS).map(type => [type, stepOf(type)])),
    SupportCaseOpened: event => {
      const { data, actor, site } = event
      return {
        ...stepOf('SupportCaseOpened')(event, null),
        number: data.number,
        channel: data.channel,
        organizationId: data.organizationId,
        requesterId: data.requesterId,
        reportedId: data.reportedId ?? null,
        subject: data.subject ?? REMOVED,
        openedById: actor.id,
        openedByKind: actor.kind,
        site: site ?? null,
        openContext: data.context ?? null,
        isUnverified: data.isUnverified ?? false,
        contactEmail: data.contactEmail ?? null,
        contactName: data.contactName ?? null,
        routing: data.routing ?? null,
        accessRound: 0,
      }
    },
    RequesterContactChanged: ({ data: { of, email = null, accessRound } }) =>
      of === 'CONTACT' ? { contactEmail: email, accessRound } : { requesterEmail: email },
  },
})
