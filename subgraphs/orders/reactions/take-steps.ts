import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { takeStep } from '../workflows/engine.js'
import { DEFINITIONS } from '../workflows/index.js'

/** Each event that lets a workflow go on is one job, and the job takes one step: a crash repeats nothing and loses nothing. */
export const takeSteps = reaction<Act>({
  name: 'take-workflow-steps',
  on: ['WorkflowStarted', 'WorkflowStepDone', 'WorkflowStepSkipped', 'WorkflowResumed'],
  run: woken => takeStep(DEFINITIONS, woken.event.stream.id, woken),
}) as Reaction
