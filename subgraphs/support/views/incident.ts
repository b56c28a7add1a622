import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { EscalationLevel as Level, EscalationTrigger as Trigger } from '#shared/events/desk.js'
import { count, entity, instant, json, oneOf, parts, ref, several, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK } from '#shared/work.js'
import { EscalationLevel, EscalationTrigger } from '../desk/desk-enums.js'
import { type IncidentState, incident } from '../desk/incident.js'
import { REMOVED } from '../removed.js'
import { StaffMember } from '../stubs.js'
import { Ticket } from './ticket.js'

export const IncidentStatus = states('IncidentStatus', 'Whether an incident goes on.', {
  OPEN: 'It goes on.',
  RESOLVED: 'It is over.',
})

export const LeftOutBecause = states(
  'LeftOutBecause',
  'Why customers of a ticket are not told what others are.',
  {
    PRIVATE:
      'Staff opened it for themselves, and nothing public was said there for long enough to stay said.',
    CLOSED: 'It was closed by then.',
  },
)

@ObjectType('IncidentLeftOut', { description: 'A ticket of an incident whose customers were not told.' })
@Extensions({ value: true })
export class IncidentLeftOut {
  @ref(() => Ticket, 'The ticket.')
  ticketId!: string

  @oneOf(LeftOutBecause, 'Why not.')
  because!: keyof typeof LeftOutBecause
}

@ObjectType('IncidentBroadcast', {
  description: 'What the customers of all linked tickets were told at once.',
})
@Extensions({ value: true })
export class IncidentBroadcast {
  @text('Its id: events about it refer to it.')
  id!: string

  @text('What they were told.')
  publicText!: string

  @count('On how many tickets.')
  tickets!: number

  @parts(() => IncidentLeftOut, 'Tickets that were linked then, and whose customers were not told.')
  leftOut!: IncidentLeftOut[]

  @instant('When (UTC).')
  at!: Date

  @ref(() => StaffMember, 'Who wrote it.', { as: 'by' })
  byId!: string
}

@entity('Incident', {
  description: 'Something that affects several stores or customers, with the tickets about it (A22).',
  allow: READERS,
  schema: 'support',
  prefix: 'inc',
})
export class Incident extends Row {
  @text('What is the matter, in a line.', { find: IdentifierKind.NAME })
  title!: string

  @oneOf(IncidentStatus, 'Whether it goes on.')
  status!: keyof typeof IncidentStatus

  @oneOf(EscalationTrigger, 'Why it was declared.')
  trigger!: Trigger

  @oneOf(EscalationLevel, 'How soon it is to be taken up.')
  level!: Level

  @several(String, 'Ids of the stores that are affected.', { hidden: true, links: true })
  affectedStoreIds!: string[]

  @several(String, 'Ids of the tickets about it.', { hidden: true, links: true })
  ticketIds!: string[]

  @count('How many tickets are about it.')
  ticketCount!: number

  @parts(() => IncidentBroadcast, 'What customers were told, oldest first.')
  broadcasts!: IncidentBroadcast[]

  @ref(() => StaffMember, 'Who declared it.', { as: 'declaredBy' })
  declaredById!: string

  @instant('When it was over (UTC).', { nullable: true })
  resolvedAt!: Date | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: IncidentState
}

const standing = ({ status, trigger, level, affectedStoreIds, ticketIds }: IncidentState) => ({
  status: status!,
  trigger: trigger!,
  level,
  affectedStoreIds,
  ticketIds,
  ticketCount: ticketIds.length,
})

export const incidents = view(Incident, {
  of: incident,
  work: row => ({
    phase: row.status === 'OPEN' ? 'ACTIVE' : 'DONE',
    title: row.title,
    priority: row.level === 'IMMEDIATE' ? RANK.AT_ONCE : RANK.SOON,
    since: row.resolvedAt,
    workspace: 'TRIAGE',
    becauseOf: row.trigger,
  }),
  on: {
    IncidentDeclared: ({ data }, _row, state) => ({
      ...standing(state),
      title: data.title ?? REMOVED,
      declaredById: data.declaredById,
      broadcasts: [],
    }),
    IncidentUpdated: ({ data, actor, occurredAt }, row, state) => ({
      ...standing(state),
      ...(data.change === 'BROADCAST'
        ? {
            broadcasts: [
              ...row!.broadcasts,
              {
                id: data.updateId,
                publicText: data.publicText ?? REMOVED,
                tickets: data.ticketIds.length,
                leftOut: (data.leftOut ?? []) as IncidentLeftOut[],
                at: occurredAt,
                byId: actor.id,
              } as IncidentBroadcast,
            ],
          }
        : {}),
    }),
    IncidentResolved: ({ occurredAt }, _row, state) => ({ ...standing(state), resolvedAt: occurredAt }),
  },
})
