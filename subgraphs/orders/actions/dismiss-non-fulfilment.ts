import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { requireWaiting, requireWorkflow } from '../workflow-guards.js'

@InputType('DismissNonFulfilmentInput', { description: 'Which proposal to turn down.' })
export class DismissNonFulfilmentInput extends ActionInput {
  @given('Workflow', 'The workflow that waits for the label, or for a decision.')
  workflowId!: string
}

/** E75: a proposal may be turned down: nothing is called off, and nobody is given a strike. */
export const dismissNonFulfilment = action({
  name: 'dismissNonFulfilment',
  description: 'Ends a workflow about an overdue label without any consequence.',
  input: DismissNonFulfilmentInput,
  risk: 'SENSITIVE',
  reasons: {
    ARRANGED: 'Buyer and seller agreed on another date.',
    HANDED_OVER: 'It was delivered without a label of ours.',
    OUR_FAULT: 'The seller could not buy a label because of us.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.SUPER_ADMIN],

  decide(state, { reason }) {
    requireWorkflow(state, 'NON_FULFILMENT')
    const { key, orderId } = requireWaiting(state, ['GRACE', 'PROPOSE'])
    return [
      {
        type: 'WorkflowStepDone',
        data: { step: key, facts: {}, result: 'Dismissed.' },
        refs: [orderId],
      },
      {
        type: 'WorkflowEnded',
        data: { state: 'DONE' as const, because: `A person dismissed it: ${reason ?? 'OTHER'}.` },
        refs: [orderId],
      },
    ]
  },

  emits: ['WorkflowStepDone', 'WorkflowEnded'],
  returns: { workflow: Workflow },
})
