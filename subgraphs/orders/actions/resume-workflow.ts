import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { currentStep, workflow } from '../workflow.js'
import { requireWorkflow } from '../workflow-guards.js'
import { troubleOf } from '../workflows/trouble.js'

@InputType('ResumeWorkflowInput', { description: 'Which workflow to let go on.' })
export class ResumeWorkflowInput extends ActionInput {
  @given('Workflow', 'The workflow that stands.')
  workflowId!: string
}

/** E3, E69: the step that failed is taken again; what was done before is not repeated. */
export const resumeWorkflow = action({
  name: 'resumeWorkflow',
  description:
    'Lets a workflow go on that failed, or whose step was given up: its step is taken again, those before it are not.',
  input: ResumeWorkflowInput,
  risk: 'SENSITIVE',
  reasons: {
    CAUSE_REMOVED: 'What made it fail is mended.',
    OUTAGE_OVER: 'Something it needs was away.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,
  prepare: ({ workflowId }, tx) => troubleOf(tx, [workflowId]),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.FINANCE_ADMIN, Role.SUPER_ADMIN],

  decide(state, _input, { read: trouble }) {
    requireWorkflow(state)
    const at = currentStep(state)
    const givenUp = trouble.some(({ nextAttemptAt }) => nextAttemptAt === null)
    if (at?.state !== 'FAILED' && !(at?.state === 'PENDING' && givenUp))
      refuse(
        'INVALID_STATE',
        `It is ${state.state}; only one that failed or was given up is resumed.`,
        'workflowId',
        {
          state: state.state,
          step: at?.key ?? null,
        },
      )
    return { type: 'WorkflowResumed', data: { step: at.key }, refs: state.orderIds }
  },

  emits: ['WorkflowResumed'],
  returns: { workflow: Workflow },
})
