import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type {
  PageBecause as Because,
  EscalationLevel as Level,
  EscalationTrigger as Trigger,
} from '#shared/events/desk.js'
import type { SupportEvents } from '#shared/events/support.js'
import { count, entity, flag, instant, oneOf, parts, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { inWords, RANK } from '#shared/work.js'
import { EscalationLevel, EscalationTrigger, PageBecause } from '../desk/desk-enums.js'
import { pageNoticeOf } from '../desk/escalation.js'
import { StaffMember } from '../stubs.js'
import { ticket } from '../ticket.js'
import { Incident } from './incident.js'
import { Ticket } from './ticket.js'

@ObjectType('EscalationPage', { description: 'That one person was paged once.' })
@Extensions({ value: true })
export class EscalationPage {
  @count('1: at once; then one for each time that nobody had acknowledged it.')
  round!: number

  @instant('When (UTC).')
  at!: Date

  @oneOf(PageBecause, 'Why they.')
  because!: Because

  @text('Whom.', { hidden: true })
  staffId!: string

  @text('What they were told in the app.', { hidden: true })
  notificationId!: string
}

@entity('TicketEscalation', {
  description: 'That a ticket was escalated: it needs more than usual.',
  allow: READERS,
  schema: 'support',
  prefix: 'esc',
})
export class TicketEscalation extends Row {
  @ref(() => Ticket, 'The ticket.')
  ticketId!: string

  @oneOf(EscalationTrigger, 'Why.')
  trigger!: Trigger

  @oneOf(EscalationLevel, 'How soon it is to be taken up.')
  level!: Level

  @flag('The trigger leaves no other level.')
  isForced!: boolean

  @instant('When somebody has to have taken it up (UTC).')
  dueAt!: Date

  @ref(() => Incident, 'The incident that it belongs to.', { nullable: true })
  incidentId!: string | null

  @ref(() => StaffMember, 'Who escalated it.', { as: 'escalatedBy' })
  escalatedById!: string

  @text('What they wrote about it.', { nullable: true, multiline: true })
  note!: string | null

  @parts(() => EscalationPage, 'Who was paged, first ones first; nobody where it is PROMPT.')
  pages!: EscalationPage[]

  @flag('Nobody was on call when it was escalated: all leads were paged.')
  nobodyWasOnCall!: boolean

  @instant('When somebody was first paged (UTC).', { nullable: true })
  pagedAt!: Date | null

  @instant('When people are paged again unless somebody acknowledges it (UTC).', { nullable: true })
  pageAgainAt!: Date | null

  @instant('When somebody acknowledged it (UTC).', { nullable: true })
  acknowledgedAt!: Date | null

  @ref(() => StaffMember, 'Who did.', { nullable: true, as: 'acknowledgedBy' })
  acknowledgedById!: string | null

  @count('Version of the policy that says which triggers are immediate; 0: its default.')
  policyVersion!: number
}

const pagesIn = (
  { escalationId, round, because, staffIds }: SupportEvents['EscalationPaged'],
  at: Date,
): EscalationPage[] =>
  staffIds.map(staffId => ({
    round,
    at,
    because,
    staffId,
    notificationId: pageNoticeOf(escalationId, round, staffId),
  }))

export const ticketEscalations = view(TicketEscalation, {
  of: ticket,
  // Once somebody took it up, its ticket is the work.
  work: row => ({
    phase: row.acknowledgedAt === null ? 'NEW' : 'DONE',
    title: `Escalation: ${inWords(row.trigger).toLowerCase()}`,
    priority: row.level === 'IMMEDIATE' ? RANK.AT_ONCE : RANK.SOON,
    dueAt: row.dueAt,
    since: row.acknowledgedAt,
    assigneeId: row.acknowledgedById,
    becauseOf: row.trigger,
  }),
  key: ({ data }) => (data as { escalationId: string }).escalationId,
  on: {
    TicketEscalated: ({ data, stream, actor, note }) => ({
      ticketId: stream.id,
      trigger: data.trigger,
      level: data.level,
      isForced: data.forced,
      dueAt: data.dueAt as unknown as Date,
      incidentId: data.incidentId,
      escalatedById: actor.id,
      note,
      policyVersion: data.policyVersion,
      pages: [],
      nobodyWasOnCall: false,
    }),
    EscalationPaged: ({ data, occurredAt }, row) => ({
      pages: [...row!.pages, ...pagesIn(data, occurredAt)],
      nobodyWasOnCall: row!.nobodyWasOnCall || data.because === 'NOBODY_ON_CALL',
      pagedAt: row!.pagedAt ?? occurredAt,
      pageAgainAt: data.again as unknown as Date | null,
    }),
    EscalationAcknowledged: ({ actor, occurredAt }) => ({
      acknowledgedAt: occurredAt,
      acknowledgedById: actor.id,
      pageAgainAt: null,
    }),
  },
})
