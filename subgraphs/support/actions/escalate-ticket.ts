import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action, namedBy } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { EscalationLevel as Level } from '#shared/events/desk.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, oneOf, part, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { STAFF } from '#shared/roles.js'
import { EscalationLevel, EscalationTrigger } from '../desk/desk-enums.js'
import { dueOf, type EscalationRules, escalationRules, levelOf } from '../desk/escalation.js'
import { incident, MAX_STORES, requireStores, unknownStores } from '../desk/incident.js'
import { prioritised } from '../routing/triage.js'
import { isPromising, readEmergency } from '../sla/sla-emergency.js'
import { requireWork, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketEscalation } from '../views/ticket-escalation.js'

@InputType('NewIncidentInput', { description: 'An incident that begins with an escalation.' })
export class NewIncidentInput {
  @text('What is the matter, in a line.', { max: 200 })
  title!: string

  @several(ID, 'Stores that are affected, as far as is known.', { max: MAX_STORES })
  affectedStoreIds!: string[]
}

@InputType('EscalateTicketInput', { description: 'Which ticket needs more than usual, and why.' })
export class EscalateTicketInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @oneOf(EscalationTrigger, 'Why.')
  trigger!: keyof typeof EscalationTrigger

  @oneOf(
    EscalationLevel,
    'How soon. Some triggers are always IMMEDIATE; the others are PROMPT unless raised here.',
    { nullable: true },
  )
  level?: keyof typeof EscalationLevel | null

  @given('Incident', 'The incident that it belongs to, when there is one.', { nullable: true })
  incidentId?: string | null

  @part(() => NewIncidentInput, 'The incident that begins with it.', { nullable: true })
  newIncident?: NewIncidentInput | null
}

interface Ground {
  rules: EscalationRules
  /** The gravest that this ticket was escalated for this reason. */
  before: { id: string; level: Level; dueAt: Date } | null
  incidentStatus: string | null
  unknownStores: string[]
  /** What is promised from then on, when it cannot wait. */
  emergency: SlaPromise
}

/** The ticket is locked first: of two who escalate it for one reason, the second sees the first. */
async function prepare(
  { ticketId, trigger, incidentId, newIncident }: EscalateTicketInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Ground> {
  await services.store.lock(tx, [ticketId])
  const [before] = await tx.query(
    `select id, level, due_at as "dueAt" from support.ticket_escalation where ticket_id = $1 and trigger = $2
     order by level = 'IMMEDIATE' desc, created_at desc, id desc limit 1`,
    [ticketId, trigger],
  )
  const [known] = incidentId
    ? await tx.query('select status from support.incident where id = $1', [incidentId])
    : []
  const now = services.clock()
  const [about] = await tx.query('select organization_id as account from support.ticket where id = $1', [
    ticketId,
  ])
  return {
    emergency: await readEmergency(tx, about?.account ?? null, now),
    rules: await escalationRules(tx, now),
    before: before ?? null,
    incidentStatus: known?.status ?? null,
    unknownStores: await unknownStores(tx, newIncident?.affectedStoreIds ?? []),
  }
}

function requireIncident({ incidentId, newIncident }: EscalateTicketInput, ground: Ground): void {
  if (incidentId && newIncident)
    refuse('INVALID', 'It joins an incident or begins one, not both.', 'newIncident')
  if (incidentId && ground.incidentStatus === null)
    refuse('UNKNOWN_REFERENCE', 'There is no such incident.', 'incidentId')
  if (ground.incidentStatus === 'RESOLVED')
    refuse('INVALID_STATE', 'This incident is over; begin another one.', 'incidentId', { status: 'RESOLVED' })
  if (newIncident) requireStores(ground.unknownStores, 'newIncident.affectedStoreIds')
}

/** Raising is new; the same again, or less, is not. */
function requireMore(level: Level, { before }: Ground): void {
  if (!before || (before.level === 'PROMPT' && level === 'IMMEDIATE')) return
  refuse('UNCHANGED', `It was escalated for this already, ${before.level}.`, 'level', {
    escalationId: before.id,
    level: before.level,
    dueAt: before.dueAt,
  })
}

function decide(
  state: TicketState,
  input: EscalateTicketInput,
  { now, newId, read }: { now: Date; newId: (prefix: string) => string; read: Ground },
): Draft<SupportEvents>[] {
  requireWork(state)
  requireIncident(input, read)
  const { trigger, newIncident } = input
  const { level, forced } = levelOf(trigger, input.level, read.rules)
  requireMore(level, read)
  const escalationId = newId('esc')
  const incidentId = newIncident ? newId(incident.prefix) : (input.incidentId ?? null)
  const stores = newIncident?.affectedStoreIds ?? []
  return [
    {
      type: 'TicketEscalated',
      data: {
        escalationId,
        trigger,
        level,
        forced,
        dueAt: dueOf(level, now, read.rules).toISOString(),
        incidentId,
        begins: newIncident ? { affectedStoreIds: [...new Set(stores)] } : null,
        policyVersion: read.rules.version,
        ...(level === 'IMMEDIATE' && isPromising(state) ? { emergency: read.emergency } : {}),
      },
      ...(newIncident ? { personal: { incidentTitle: newIncident.title } } : {}),
      refs: [escalationId, ...(incidentId ? [incidentId] : []), ...stores],
    },
    ...(level === 'IMMEDIATE' ? prioritised(state, 'URGENT') : []),
  ]
}

/** A20 to A22. IMMEDIATE makes the ticket URGENT, pages and promises a reply soon; an incident is joined or begun right after. */
export const escalateTicket = action({
  name: 'escalateTicket',
  description:
    'Says that a ticket needs more than usual, at once or soon. Some triggers are always IMMEDIATE, which makes the ticket URGENT, pages whoever is on call and promises a reply within hours of the clock; the others are PROMPT, with a due time in business hours, and may be raised.',
  input: EscalateTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare,

  allow: STAFF,

  decide,

  emits: ['TicketEscalated', 'SupportCaseUpdated'],
  returns: {
    ticket: Ticket,
    escalation: namedBy(TicketEscalation, 'escalationId'),
  },
})
