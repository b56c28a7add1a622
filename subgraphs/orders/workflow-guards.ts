import type { WorkflowKind } from '#shared/events/workflows.js'
import { refuse } from '#shared/refusal.js'
import { currentStep, type StepState, type WorkflowState } from './workflow.js'

/** @throws Refusal NOT_FOUND when there is no such workflow, or it is of another kind than the action is for */
export function requireWorkflow({ kind }: WorkflowState, wanted?: WorkflowKind): void {
  if (kind === null || (wanted && kind !== wanted))
    refuse(
      'NOT_FOUND',
      wanted ? `There is no such ${wanted} workflow.` : 'There is no such workflow.',
      'workflowId',
    )
}

/** The step, if it waits right now. @throws Refusal INVALID_STATE that says where the workflow stands instead */
export function requireWaiting(state: WorkflowState, names: readonly string[]): StepState {
  const at = currentStep(state)
  if (at?.state !== 'WAITING' || !names.includes(at.name))
    refuse('INVALID_STATE', `It does not wait at ${names.join(' or ')}.`, 'workflowId', {
      state: state.state,
      step: at?.key ?? null,
      because: state.because,
    })
  return at
}
