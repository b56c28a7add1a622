import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { Draft } from '#shared/aggregate.js'
import type { StoredEvent } from '#shared/event.js'
import { lockStreams } from '#shared/event-store.js'
import type { WorkflowKind } from '#shared/events/workflows.js'
import type { Outcome } from '#shared/outcome.js'
import { Refusal } from '#shared/refusal.js'
import {
  currentStep,
  type StepState,
  type WorkflowFacts,
  type WorkflowState,
  type WorkflowStream,
} from '../workflow.js'

/** An event for the workflow's own stream. */
export type Said = Draft<WorkflowStream>

/** What a step has at hand. What it does through `tx` and `act` happens together with the event that says so, or not at all. */
export interface Working {
  id: string
  workflow: WorkflowState
  step: StepState
  /** The order that this step is about. */
  orderId: string
  facts: WorkflowFacts
  tx: EntityManager
  now: Date
  /** What let it run: the step before, what it waited for, or the end of its waiting. */
  event: StoredEvent
  act: (name: string, input: Record<string, unknown>) => Promise<Outcome>
}

/** What came of a step; `says` are further events that belong to it. */
export type Came = { says?: Said[] } & (
  | { done: string | null; facts?: WorkflowFacts }
  | { wait: string; dueAt?: Date }
  | { skip: string }
  | { end: string }
)

export const done = (result: string | null, facts?: WorkflowFacts, says?: Said[]): Came => ({
  done: result,
  ...(facts ? { facts } : {}),
  ...(says ? { says } : {}),
})
export const wait = (what: string, dueAt?: Date, says?: Said[]): Came => ({
  wait: what,
  ...(dueAt ? { dueAt } : {}),
  ...(says ? { says } : {}),
})
/** Not needed, because. */
export const skip = (because: string, says?: Said[]): Came => ({ skip: because, ...(says ? { says } : {}) })
/** This was the last one: the steps behind it are not needed, because. */
export const end = (because: string, says?: Said[]): Came => ({ end: because, ...(says ? { says } : {}) })

export interface Step {
  name: string
  /** For people who look at the workflow. */
  description: string
  /** Takes the step. A Refusal undoes it and lets the workflow stand until somebody looks. */
  run(working: Working): Promise<Came>
  /** Event types that may bring it on while it waits; its due time does so too. */
  on?: readonly string[]
  /** What has come of it by now; null while it waits on. */
  look?(working: Working): Promise<Came | null>
  /** A refusal that calls the whole workflow off: what was done before is made undone. */
  undoes?(refusal: Refusal): boolean
  /** Makes it undone, when a later step calls the workflow off. Answers in words what was done about it. */
  compensate?(working: Working): Promise<{ result: string; says?: Said[] }>
}

export interface Definition {
  kind: WorkflowKind
  description: string
  steps: readonly Step[]
}

/** What woke a workflow: a reaction's event, in its transaction. */
export interface Woken {
  event: StoredEvent
  tx: EntityManager
  act: Act
  now: Date
}

export type Definitions = ReadonlyMap<WorkflowKind, Definition>

/** Takes the next step, if it was not taken yet. */
export async function takeStep(definitions: Definitions, id: string, woken: Woken): Promise<void> {
  const standing = await standingAt(definitions, id, woken)
  if (standing?.working.step.state !== 'PENDING') return
  await settle(standing, w => standing.step.run(w), woken)
}

/** Looks whether what a step waits for has come; nothing happens when it does not wait, or waits on. */
export async function lookAtStep(definitions: Definitions, id: string, woken: Woken): Promise<void> {
  const standing = await standingAt(definitions, id, woken)
  if (standing?.working.step.state !== 'WAITING' || !standing.step.look) return
  if (!isFor(standing, woken.event)) return
  await settle(standing, w => standing.step.look!(w), woken)
}

/** Its own due time, or something that it waits for. */
const isFor = ({ step, working }: Standing, { type, data }: StoredEvent): boolean =>
  type === 'WorkflowStepWaiting' ? data.step === working.step.key : (step.on ?? []).includes(type)

interface Standing {
  step: Step
  definition: Definition
  working: Working
}

/** Where it stands, under its lock: whoever comes next sees what this transaction leaves. */
async function standingAt(definitions: Definitions, id: string, woken: Woken): Promise<Standing | null> {
  const { event, tx, act, now } = woken
  await lockStreams(tx, [id])
  const workflow = await stateOf(tx, id)
  const step = workflow && currentStep(workflow)
  if (!workflow?.kind || !step) return null
  const definition = definitions.get(workflow.kind)!
  const working: Working = {
    id,
    workflow,
    step,
    orderId: step.orderId,
    facts: workflow.facts,
    tx,
    now,
    event,
    act: (name, input) => act(name, input, { tx, event }),
  }
  return { working, definition, step: stepOf(definition, step) }
}

export async function stateOf(db: EntityManager, id: string): Promise<WorkflowState | null> {
  const [row] = await db.query('select state from orders.workflow where id = $1', [id])
  return row?.state ?? null
}

export function stepOf({ kind, steps }: Definition, { name }: StepState): Step {
  const step = steps.find(one => one.name === name)
  if (!step) throw new Error(`${kind} has no step ${name}`)
  return step
}

/** Does something and writes down what came of it. */
async function settle(
  standing: Standing,
  run: (working: Working) => Promise<Came | null>,
  woken: Woken,
): Promise<void> {
  const happened = await attempt(standing, run, woken)
  if (happened.length)
    await standing.working.act('stepWorkflow', { workflowId: standing.working.id, happened })
}

async function attempt(
  standing: Standing,
  run: (working: Working) => Promise<Came | null>,
  woken: Woken,
): Promise<Said[]> {
  const { working } = standing
  try {
    const came = await within(working, woken, run)
    return came ? saidOf(working, came) : []
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return refused(standing, error, woken)
  }
}

/** In a savepoint: what is refused leaves nothing half done, while its job goes on and says so. */
const within = <T>(working: Working, { act, event }: Woken, run: (working: Working) => Promise<T>) =>
  working.tx.transaction(tx => run({ ...working, tx, act: (name, input) => act(name, input, { tx, event }) }))

function saidOf({ workflow, step: { key } }: Working, came: Came): Said[] {
  const says = came.says ?? []
  if ('wait' in came) {
    const dueAt = came.dueAt?.toISOString() ?? null
    return [...says, { type: 'WorkflowStepWaiting', data: { step: key, for: came.wait, dueAt } }]
  }
  const last = workflow.steps.at(-1)!.key === key
  const because = 'end' in came ? came.end : last ? 'Every step was taken.' : null
  const ended: Said[] = because ? [{ type: 'WorkflowEnded', data: { state: 'DONE', because } }] : []
  if ('skip' in came)
    return [...says, { type: 'WorkflowStepSkipped', data: { step: key, because: came.skip } }, ...ended]
  const data =
    'end' in came
      ? { step: key, facts: {}, result: came.end }
      : { step: key, facts: came.facts ?? {}, result: came.done }
  return [...says, { type: 'WorkflowStepDone', data }, ...ended]
}

/** Stands until somebody looks; or, where the refusal calls the workflow off, makes undone what was done. */
async function refused(
  { working, definition, step }: Standing,
  refusal: Refusal,
  woken: Woken,
): Promise<Said[]> {
  const { code, message } = refusal
  const failed: Said = { type: 'WorkflowStepFailed', data: { step: working.step.key, code, message } }
  if (!step.undoes?.(refusal)) return [failed]
  try {
    return [failed, ...(await within(working, woken, w => compensated(w, definition, message)))]
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return [failed]
  }
}

async function compensated(working: Working, definition: Definition, because: string): Promise<Said[]> {
  const said: Said[] = []
  for (const step of working.workflow.steps.filter(({ state }) => state === 'DONE').reverse()) {
    const { compensate } = stepOf(definition, step)
    if (!compensate) continue
    const { result, says = [] } = await compensate({ ...working, step, orderId: step.orderId })
    said.push(...says, { type: 'WorkflowStepCompensated', data: { step: step.key, result } })
  }
  return [...said, { type: 'WorkflowEnded', data: { state: 'COMPENSATED', because } }]
}
