import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { type Action, action, type Facts } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { DeskEvents } from '#shared/events/desk.js'
import type { SupportEvents } from '#shared/events/support.js'
import { type Class, given } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { STAFF } from '#shared/roles.js'
import { type RoutableQueue, readQueues } from '../routing/routing.js'
import { type TicketState, ticket } from '../ticket.js'
import { Handoff } from '../views/handoff.js'
import { coveredQueues, type HandoffState, handoff, type PlacedTicket } from './handoff.js'

/** Which handover; what else there is to say, each decision adds. */
@InputType()
export abstract class HandoffDecisionInput extends ActionInput {
  @given('Handoff', 'The handover.')
  handoffId!: string
}

/** What deciding about a handover rests on. */
export interface HandoffGround {
  identity: Identity
  covered: string[]
  /** The ticket that goes along with it, as it is; null when there is none. */
  ticket: PlacedTicket | null
  /** Queues of the workspace that it is for. */
  queues: (RoutableQueue & { isOfWorkspace: boolean })[]
  /** Who handed it over still works here. */
  senderWorksHere: boolean
}

/** The ticket is locked before the handover, so that what is read of it here is what moves. */
async function prepare(
  { handoffId }: HandoffDecisionInput,
  tx: EntityManager,
  { identity, services }: Caller,
): Promise<HandoffGround> {
  const [sent] = await tx.query('select ticket_id, workspace, sender_id from support.handoff where id = $1', [
    handoffId,
  ])
  if (sent?.ticket_id) await services.store.lock(tx, [sent.ticket_id, handoffId])
  const [placed] = await tx.query(
    `select id, queue_id as "queueId", assignee_id as "assigneeId", status = 'CLOSED' as "isClosed"
     from support.ticket where id = $1`,
    [sent?.ticket_id],
  )
  const [sender] = await tx.query('select from access.person where id = $1 and disabled_at is null', [
    sent?.sender_id,
  ])
  const workspaces: { id: string }[] = await tx.query('select id from support.queue where workspace = $1', [
    sent?.workspace,
  ])
  const own = new Set(workspaces.map(({ id }) => id))
  const queues = await readQueues(tx)
  return {
    identity,
    covered: await coveredQueues(tx, identity.personId),
    ticket: placed ?? null,
    queues: queues.map(queue => ({ ...queue, isOfWorkspace: own.has(queue.id) })),
    senderWorksHere: sender !== undefined,
  }
}

interface HandoffDecision<I extends HandoffDecisionInput> {
  name: string
  description: string
  input: Class<I>
  decide: (state: HandoffState, input: I, facts: Facts<HandoffGround>) => Draft<DeskEvents>[]
  /** What becomes of an open ticket with it. */
  moves: (
    ticket: TicketState,
    state: HandoffState,
    facts: Facts<HandoffGround>,
  ) => readonly Draft<SupportEvents>[]
  emits: readonly (keyof DeskEvents)[]
}

/** A3: what the decisions of whoever gets a handover share. The ticket moves in the same transaction, or nothing is decided. */
export const handoffDecision = <I extends HandoffDecisionInput>({
  moves,
  ...decision
}: HandoffDecision<I>): Action =>
  action<HandoffState, DeskEvents, I, HandoffGround>({
    ...decision,
    on: handoff,
    target: input => input.handoffId,
    prepare,
    allow: STAFF,
    with: {
      on: ticket,
      target: ({ ticketId }) => ticketId,
      decide: (placed: TicketState, state, _input, facts) =>
        placed.status === null || placed.status === 'CLOSED' ? [] : moves(placed, state, facts),
      emits: ['SupportCaseUpdated'],
    },
    returns: { handoff: Handoff },
  })
