import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { HandoffPart as Part } from '#shared/events/desk.js'
import type { Workspace as Where } from '#shared/events/support.js'
import { entity, flag, instant, json, oneOf, parts, ref, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { RANK } from '#shared/work.js'
import { HandoffPart, HandoffStatus } from '../desk/desk-enums.js'
import { type HandoffState, handoff } from '../desk/handoff.js'
import { Workspace } from '../enums.js'
import { REMOVED } from '../removed.js'
import { type AuditSlice, StaffMember } from '../stubs.js'
import { Queue } from './queue.js'
import { Ticket } from './ticket.js'

@ObjectType('ObservedEvent', { description: 'Something that was observed (A25).' })
@Extensions({ value: true })
export class ObservedEvent {
  @instant('When (UTC).')
  at!: Date

  @text('What.')
  what!: string

  @text('Who or what observed it, e.g. a person, a monitor, a log.')
  source!: string
}

@entity('Handoff', {
  description: 'A matter that was handed over to other people, with all that they need (A3).',
  allow: READERS,
  schema: 'support',
  prefix: 'hof',
})
export class Handoff extends Row {
  @oneOf(HandoffStatus, 'Where it stands.')
  status!: keyof typeof HandoffStatus

  @oneOf(Workspace, 'Whom it is for.')
  workspace!: Where

  @ref(() => Queue, 'The queue that it is for.', { nullable: true })
  queueId!: string | null

  @ref(() => Ticket, 'The ticket that it is about.', { nullable: true })
  ticketId!: string | null

  @text('The exact route involved.')
  route!: string

  @text('Short name of the store.', { nullable: true })
  storeSlug!: string | null

  @flag('All of the platform is concerned, rather than a store.')
  platformWide!: boolean

  @several(
    String,
    'Ids of what it is about: open them with nodes(ids), or see what happened with mergedTimeline.',
    {
      links: true,
    },
  )
  entityIds!: string[]

  @parts(() => ObservedEvent, 'What was observed, oldest first.')
  observed!: ObservedEvent[]

  @several(String, 'Ids of slices of the log.', { hidden: true, links: true })
  auditSliceIds!: string[]

  @several(String, 'Ids of evidence: open them with nodes(ids).', { links: true })
  evidenceIds!: string[]

  @text('What to do next.', { multiline: true })
  nextAction!: string

  @text('The mutation that does it.', { nullable: true })
  nextActionName!: string | null

  @ref(() => StaffMember, 'Who handed it over.', { as: 'sender' })
  senderId!: string

  @ref(() => StaffMember, 'Who took it over, or sent it back.', { nullable: true, as: 'decidedBy' })
  decidedById!: string | null

  @instant('When they did (UTC).', { nullable: true })
  decidedAt!: Date | null

  @several(HandoffPart, 'What was missing when it went back.')
  missing!: Part[]

  @text('What was written when it was taken over or sent back.', { nullable: true, multiline: true })
  decisionNote!: string | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: HandoffState
}

/** References into audit, opened there. */
export const slicesOf = ({ auditSliceIds }: Handoff): InstanceType<typeof AuditSlice>[] =>
  auditSliceIds.map(id => ({ id }))

export const handoffs = view(Handoff, {
  of: handoff,
  work: row => ({
    phase: row.status === 'OPEN' ? 'NEW' : 'DONE',
    title: `Handover: ${row.route}`,
    priority: RANK.SOON,
    since: row.decidedAt,
    assigneeId: row.status === 'ACCEPTED' ? row.decidedById : null,
    queueId: row.queueId,
    workspace: row.workspace,
    becauseOf: row.status,
  }),
  on: {
    HandoffCreated: ({ data: { timeline, nextAction, ...data }, actor }) => ({
      ...data,
      status: 'OPEN' as const,
      observed: (timeline ?? []) as unknown as ObservedEvent[],
      nextAction: nextAction ?? REMOVED,
      senderId: actor.id,
      missing: [],
    }),
    HandoffAccepted: ({ actor, occurredAt, note }) => ({
      status: 'ACCEPTED' as const,
      decidedById: actor.id,
      decidedAt: occurredAt,
      decisionNote: note,
    }),
    HandoffReturned: ({ data, actor, occurredAt, note }) => ({
      status: 'RETURNED' as const,
      decidedById: actor.id,
      decidedAt: occurredAt,
      decisionNote: note,
      missing: data.missing,
    }),
  },
})
