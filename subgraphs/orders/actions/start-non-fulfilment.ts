import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { lockStreams } from '#shared/event-store.js'
import { given, instant } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { nonFulfilmentIdOf, nonFulfilmentSteps } from '../workflows/non-fulfilment.js'
import { ordersOf } from '../workflows/parts.js'

@InputType('StartNonFulfilmentInput', {
  description: 'Which order is overdue, and how long it may still take.',
})
export class StartNonFulfilmentInput extends ActionInput {
  @given('Order', 'The order without a label.')
  orderId!: string

  @instant('When the label was due (UTC).')
  dueAt!: Date

  @instant('How long the seller may still take (UTC).')
  graceUntil!: Date
}

/** E72: once for each order, since the workflow's id follows from the order's; nothing happens to one that is healthy by now. */
export const startNonFulfilment = action({
  name: 'startNonFulfilment',
  description: 'A seller bought no label in time. Done by Opsgraph itself.',
  input: StartNonFulfilmentInput,

  on: workflow,
  target: input => nonFulfilmentIdOf(input.orderId),
  prepare: async ({ orderId }, tx) => {
    // In the order in which its steps take them.
    await lockStreams(tx, [nonFulfilmentIdOf(orderId)])
    await lockStreams(tx, [orderId])
    return (await ordersOf(tx, [orderId]))[0] ?? null
  },

  allow: [Role.SYSTEM],

  decide({ kind }, { orderId, dueAt, graceUntil }, { read: order, actorId, now }) {
    if (kind !== null || order?.status !== 'PAID' || order.hasLabel || order.openWorkflowId) return []
    const { sellerId } = order
    const facts = {
      sellerId,
      dueAt: dueAt.toISOString(),
      graceUntil: graceUntil.toISOString(),
      cancelReason: 'SELLER_REQUEST',
      startedAt: now.toISOString(),
    }
    const steps = nonFulfilmentSteps.steps.map(({ name }) => name)
    const refs = sellerId ? [orderId, sellerId] : [orderId]
    return [
      {
        type: 'WorkflowStarted',
        data: {
          kind: 'NON_FULFILMENT' as const,
          orderIds: [orderId],
          steps,
          facts,
          startedById: actorId,
          approvalId: null,
        },
        refs,
      },
      {
        type: 'FulfilmentSlaBreached',
        data: { orderId, sellerId, dueAt: facts.dueAt, graceUntil: facts.graceUntil },
        refs,
      },
    ]
  },

  emits: ['WorkflowStarted', 'FulfilmentSlaBreached'],
  returns: { workflow: Workflow },
})
