import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { requireWaiting, requireWorkflow } from '../workflow-guards.js'
import { notification } from '../workflows/parts.js'

@InputType('ExtendFulfilmentGraceInput', { description: 'How much longer a seller may take.' })
export class ExtendFulfilmentGraceInput extends ActionInput {
  @given('Workflow', 'The workflow that waits for the label.')
  workflowId!: string

  @instant('Until when (UTC); later than it was.')
  until!: Date
}

/** E74: the grace is limited; whoever wants more than this dismisses the case. */
const LONGEST_MS = 7 * 86_400_000

/** E74: once. */
export const extendFulfilmentGrace = action({
  name: 'extendFulfilmentGrace',
  description: 'Gives a seller who bought no label in time more time to do so: once, by a week at most.',
  input: ExtendFulfilmentGraceInput,
  risk: 'SENSITIVE',
  reasons: {
    SELLER_REQUEST: 'The seller asked for it.',
    BUYER_AGREED: 'The buyer would rather wait.',
    CARRIER_OUTAGE: 'No label could be bought.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide(state, { until }, { now }) {
    requireWorkflow(state, 'NON_FULFILMENT')
    const { key, orderId, dueAt } = requireWaiting(state, ['GRACE'])
    if (state.extended)
      refuse('INVALID_STATE', 'It was extended once already; that is all.', 'workflowId', { until: dueAt })
    if (until <= now || (dueAt && until <= new Date(dueAt)))
      refuse('INVALID', 'This is not later than it was, or has passed.', 'until', {
        until: dueAt,
        now: now.toISOString(),
      })
    const latest = dueAt && new Date(new Date(dueAt).getTime() + LONGEST_MS)
    if (latest && until > latest)
      refuse('INVALID', 'Grace is limited: at most a week more.', 'until', { latest: latest.toISOString() })
    const extended = until.toISOString()
    const { sellerId } = state.facts
    return [
      { type: 'FulfilmentGraceGranted', data: { orderId, until: extended }, refs: [orderId] },
      {
        type: 'WorkflowStepWaiting',
        data: { step: key, for: 'LabelPurchased', dueAt: extended },
        refs: [orderId],
      },
      ...(sellerId ? [notification(sellerId, 'GRACE_GRANTED', orderId, { until: extended })] : []),
    ]
  },

  emits: ['FulfilmentGraceGranted', 'WorkflowStepWaiting', 'NotificationRequested'],
  returns: { workflow: Workflow },
})
