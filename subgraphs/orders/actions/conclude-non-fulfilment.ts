import { Field, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { lockStreams } from '#shared/event-store.js'
import { given } from '#shared/fields.js'
import { format } from '#shared/money.js'
import { upTo } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { refundLimit } from '../limits.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { requireWaiting, requireWorkflow } from '../workflow-guards.js'
import { stateOf } from '../workflows/engine.js'
import { amountsOf, type OrderFacts, ordersOf, requireUndisputed } from '../workflows/parts.js'

@InputType('ConcludeNonFulfilmentInput', { description: 'What to do about a seller who did not deliver.' })
export class ConcludeNonFulfilmentInput extends ActionInput {
  @given('Workflow', 'The workflow that proposes it.')
  workflowId!: string

  @Field(() => Boolean, { description: 'Give the seller a strike, too.' })
  strike!: boolean
}

/** The workflow's lock comes first: in that order its steps take them, too. */
async function orderOfWorkflow(workflowId: string, tx: EntityManager): Promise<OrderFacts | null> {
  await lockStreams(tx, [workflowId])
  const state = await stateOf(tx, workflowId)
  if (!state) return null
  await lockStreams(tx, state.orderIds)
  return (await ordersOf(tx, state.orderIds))[0] ?? null
}

/** E7, E75: the system prepared it, a person confirms; the same limits and second person as for the refund alone. */
export const concludeNonFulfilment = action({
  name: 'concludeNonFulfilment',
  description:
    'Confirms that a seller did not deliver: the order is called off, the buyer gets back all that is left, and the seller a strike where one is wanted.',
  input: ConcludeNonFulfilmentInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    NO_ANSWER: 'The seller did not answer.',
    OUT_OF_STOCK: 'The seller cannot deliver.',
    BUYER_REQUEST: 'The buyer will not wait any longer.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,
  prepare: ({ workflowId }, tx) => orderOfWorkflow(workflowId, tx),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN],
  policy: upTo(refundLimit, null, [Role.FINANCE_ADMIN, Role.SUPER_ADMIN]),
  measure: amountsOf,

  decide(state, { strike }, { read: order, actorId, approvalId }) {
    requireWorkflow(state, 'NON_FULFILMENT')
    const { key, orderId } = requireWaiting(state, ['PROPOSE'])
    if (!order) refuse('NOT_FOUND', 'There is no such order.', 'workflowId')
    if (order.hasLabel)
      refuse('ALREADY_SHIPPED', 'The seller bought a label meanwhile.', 'workflowId', { orderId })
    requireUndisputed(order, 'workflowId')
    if (strike && !order.sellerId)
      refuse('INVALID', 'It is not known who sold this order, so nobody can be given a strike.', 'strike')
    const { refundable } = order
    const amounts = [{ orderId, amount: refundable }]
    const words = `Cancel, give back ${format(refundable)}${strike ? ', strike' : ', no strike'}.`
    return {
      type: 'WorkflowStepDone',
      data: {
        step: key,
        facts: { strike, amounts, concludedById: actorId, concludedByApprovalId: approvalId },
        result: words,
      },
      refs: [orderId],
    }
  },

  emits: ['WorkflowStepDone'],
  returns: { workflow: Workflow },
})
