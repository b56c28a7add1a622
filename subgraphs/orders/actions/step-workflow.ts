import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, json } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import type { Said } from '../workflows/engine.js'

@InputType('StepWorkflowInput', { description: 'What came of a step of a workflow.' })
export class StepWorkflowInput extends ActionInput {
  @given('Workflow', 'Which workflow.')
  workflowId!: string

  @json('The events that the step left, in order.')
  happened!: Said[]
}

/** The step was taken in the same transaction, under the workflow's lock: what came of it is written down as it is. */
export const stepWorkflow = action({
  name: 'stepWorkflow',
  description: 'Writes down what came of a step. Done by Opsgraph itself.',
  input: StepWorkflowInput,

  on: workflow,
  target: input => input.workflowId,

  allow: [Role.SYSTEM],

  decide({ kind, orderIds }, { happened }) {
    if (kind === null) refuse('NOT_FOUND', 'There is no such workflow.', 'workflowId')
    return happened.map(said => ({ ...said, refs: [...orderIds, ...(said.refs ?? [])] }))
  },

  emits: [
    'WorkflowStepDone',
    'WorkflowStepWaiting',
    'WorkflowStepFailed',
    'WorkflowStepSkipped',
    'WorkflowStepCompensated',
    'WorkflowEnded',
    'AllocationUnwound',
    'EvidenceRequested',
    'NonFulfilmentProposed',
    'NonFulfilmentConcluded',
    'NotificationRequested',
  ],
  returns: { workflow: Workflow },
})
