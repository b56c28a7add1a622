import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { Workflow } from '../views/workflow.js'
import { awaited, workflow } from '../workflow.js'
import { requireWaiting, requireWorkflow } from '../workflow-guards.js'

const WorkflowDecision = states('WorkflowDecision', 'What a person decides where a workflow waits for one.', {
  ENOUGH_EVIDENCE: 'What came will do: go on without waiting for the rest. At COLLECT_EVIDENCE.',
  NO_HOLD: 'No money has to be kept back. At RISK_HOLD.',
})

/** The step at which each decision counts. */
const AT = { ENOUGH_EVIDENCE: 'COLLECT_EVIDENCE', NO_HOLD: 'RISK_HOLD' } as const

@InputType('ContinueWorkflowInput', { description: 'What was decided, for which workflow.' })
export class ContinueWorkflowInput extends ActionInput {
  @given('Workflow', 'The workflow that waits.')
  workflowId!: string

  @oneOf(WorkflowDecision, 'What was decided.')
  decision!: keyof typeof WorkflowDecision
}

/** E71: evidence is waited for no longer, or the optional hold is not needed. */
export const continueWorkflow = action({
  name: 'continueWorkflow',
  description: 'Decides what a workflow waits for a person to decide, and lets it go on.',
  input: ContinueWorkflowInput,
  risk: 'SENSITIVE',
  reasons: {
    SUFFICIENT: 'It is clear enough.',
    LOW_RISK: 'The seller has a good record, or little money is at stake.',
    URGENT: 'It cannot wait.',
    OTHER: 'Something else: the note says what.',
  },

  on: workflow,
  target: input => input.workflowId,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.RISK_AGENT],

  decide(state, { decision }) {
    requireWorkflow(state, 'NOT_RECEIVED')
    const { key, orderId } = requireWaiting(state, [AT[decision]])
    if (decision === 'NO_HOLD')
      return {
        type: 'WorkflowStepSkipped',
        data: { step: key, because: 'No hold is needed.' },
        refs: [orderId],
      }
    const { requirements } = state
    const open = awaited(requirements)
    const result = `${requirements.length - open.length} of ${requirements.length} came, which will do.`
    return [
      ...open.map(({ id }) => ({
        type: 'EvidenceWaived' as const,
        data: { requirementId: id },
        refs: [orderId],
      })),
      { type: 'WorkflowStepDone' as const, data: { step: key, facts: {}, result }, refs: [orderId] },
    ]
  },

  emits: ['WorkflowStepDone', 'WorkflowStepSkipped', 'EvidenceWaived'],
  returns: { workflow: Workflow },
})
