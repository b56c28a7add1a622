import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action, namedBy } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { SupportEvents, Workspace } from '#shared/events/support.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { type Role, STAFF } from '#shared/roles.js'
import { WORKING_IN } from '#shared/work.js'
import type { Escalation } from '../desk/escalation.js'
import { onCallAt } from '../desk/on-call.js'
import { workspaceOf } from '../desk/paging.js'
import { publicNames } from '../names.js'
import { isLead } from '../staff.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketEscalation } from '../views/ticket-escalation.js'

@InputType('AcknowledgeEscalationInput', { description: 'Which escalation somebody takes up.' })
export class AcknowledgeEscalationInput extends ActionInput {
  @given('TicketEscalation', 'The escalation.')
  escalationId!: string
}

interface Ground {
  ticketId: string
  workspace: Workspace
  onCall: readonly string[]
  /** Who took it up, as customers call them; null: nobody. */
  takenByName: string | null
}

/** The lock shows who was quicker, also where both clicked at once. */
async function takenBy(
  tx: EntityManager,
  { escalationId, ticketId }: { escalationId: string; ticketId: string },
  { services }: Caller,
): Promise<string | null> {
  await services.store.lock(tx, [ticketId])
  const [row] = await tx.query(
    'select acknowledged_by_id as id from support.ticket_escalation where id = $1',
    [escalationId],
  )
  return row?.id ? (await publicNames(tx, [row.id]))[0]! : null
}

async function prepare(
  { escalationId }: AcknowledgeEscalationInput,
  tx: EntityManager,
  caller: Caller,
): Promise<Ground> {
  const [row] = await tx.query('select ticket_id as id from support.ticket_escalation where id = $1', [
    escalationId,
  ])
  if (!row) refuse('NOT_FOUND', 'There is no such escalation.', 'escalationId')
  const workspace = await workspaceOf(tx, row.id)
  return {
    ticketId: row.id,
    workspace,
    onCall: await onCallAt(tx, workspace, caller.services.clock()),
    takenByName: await takenBy(tx, { escalationId, ticketId: row.id }, caller),
  }
}

/** Those who were paged, are on call now, or lead; what is PROMPT also whoever works in the workspace. */
function requireTheirs(
  { level, paged }: Escalation,
  { workspace, onCall }: Ground,
  { actorId, actorRoles }: { actorId: string; actorRoles: readonly Role[] },
): void {
  if (isLead(actorRoles) || paged.includes(actorId) || onCall.includes(actorId)) return
  if (level === 'PROMPT' && actorRoles.some(role => WORKING_IN[workspace].includes(role))) return
  refuse('NOT_RECIPIENT', 'It is for those who were paged, who are on call, or who lead.', 'escalationId', {
    paged,
    onCall,
    workspace,
  })
}

/** A20: somebody takes it up; nobody is paged any more. Of two the second learns who was quicker. */
export const acknowledgeEscalation = action({
  name: 'acknowledgeEscalation',
  description:
    'Says that one takes up what was escalated, which ends the paging: for those who were paged, are on call or lead; what is PROMPT also for whoever works in the workspace.',
  input: AcknowledgeEscalationInput,

  on: ticket,
  target: (_input, read: Ground) => read.ticketId,
  prepare,

  allow: STAFF,

  decide(state, { escalationId }, { read, ...facts }): Draft<SupportEvents>[] {
    const escalation = state.escalations[escalationId]
    if (!escalation) refuse('NOT_FOUND', 'There is no such escalation.', 'escalationId')
    const { acknowledgedById, acknowledgedAt, round } = escalation
    if (acknowledgedById === facts.actorId) return []
    requireTheirs(escalation, read, facts)
    if (acknowledgedById !== null)
      refuse('ALREADY_ASSIGNED', `${read.takenByName ?? 'Somebody else'} took it up.`, 'escalationId', {
        acknowledgedById,
        acknowledgedByName: read.takenByName,
        since: acknowledgedAt,
      })
    return [{ type: 'EscalationAcknowledged', data: { escalationId, round }, refs: [escalationId] }]
  },

  emits: ['EscalationAcknowledged'],
  returns: {
    ticket: Ticket,
    escalation: namedBy(TicketEscalation, 'escalationId'),
  },
})
