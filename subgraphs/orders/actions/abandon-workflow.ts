import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { awaited, currentStep, workflow } from '../workflow.js'
import { requireWorkflow } from '../workflow-guards.js'

@InputType('AbandonWorkflowInput', { description: 'Which workflow to give up.' })
export class AbandonWorkflowInput extends ActionInput {
  @given('Workflow', 'The workflow that stands or waits.')
  workflowId!: string
}

/** E3: what it did stays done and stays visible; what it had left to do is for a person. */
export const abandonWorkflow = action({
  name: 'abandonWorkflow',
  description:
    'Gives up a workflow that failed or waits. What it did stays as it is; evidence that it awaits is no longer wanted.',
  input: AbandonWorkflowInput,
  risk: 'SENSITIVE',
  reasons: {
    DONE_BY_HAND: 'A person did what was left.',
    NOT_NEEDED: 'It is no longer needed.',
    STARTED_BY_MISTAKE: 'It should not have been started.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN, Role.SUPER_ADMIN],

  decide(state, { reason }) {
    requireWorkflow(state)
    const at = currentStep(state)
    if (at?.state !== 'FAILED' && at?.state !== 'WAITING')
      refuse(
        'INVALID_STATE',
        `It is ${state.state}; only one that failed or waits is given up.`,
        'workflowId',
        {
          state: state.state,
          step: at?.key ?? null,
        },
      )
    const refs = state.orderIds
    return [
      ...awaited(state.requirements).map(({ id }) => ({
        type: 'EvidenceWaived' as const,
        data: { requirementId: id },
        refs,
      })),
      {
        type: 'WorkflowEnded' as const,
        data: { state: 'ABANDONED' as const, because: `Given up at ${at.key}: ${reason ?? 'OTHER'}.` },
        refs,
      },
    ]
  },

  emits: ['WorkflowEnded', 'EvidenceWaived'],
  returns: { workflow: Workflow },
})
