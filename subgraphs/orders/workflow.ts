import { aggregate } from '#shared/aggregate.js'
import type { ClaimParty } from '#shared/events/claims.js'
import type { WorkflowEvents, WorkflowKind } from '#shared/events/workflows.js'

export type StepStatus = 'PENDING' | 'DONE' | 'WAITING' | 'FAILED' | 'SKIPPED' | 'COMPENSATED'
export type WorkflowStatus = 'RUNNING' | 'WAITING' | 'FAILED' | 'DONE' | 'COMPENSATED' | 'ABANDONED'

/** One step, as the events left it. Times are ISO 8601. */
export interface StepState {
  /** Unique in its workflow: the name, and behind a slash the place of its order where each order has such a step. */
  key: string
  name: string
  orderId: string
  state: StepStatus
  startedAt: string | null
  endedAt: string | null
  waitsFor: string | null
  dueAt: string | null
  error: { code: string; message: string } | null
  result: string | null
}

/** Something that a party was asked to prove before the claim is opened. */
export interface Requirement {
  id: string
  kind: string
  from: ClaimParty
  state: 'REQUESTED' | 'SATISFIED' | 'WAIVED'
  dueAt: string
  instructions: string | null
  evidence: string[]
  description: string | null
}

/** What has not come yet. */
export const awaited = (requirements: readonly Requirement[]): Requirement[] =>
  requirements.filter(({ state }) => state === 'REQUESTED')

// biome-ignore lint/suspicious/noExplicitAny: each workflow knows its own
export type WorkflowFacts = Record<string, any>

/** What decisions about a workflow rest on. `kind` null: there is no such workflow. */
export interface WorkflowState {
  kind: WorkflowKind | null
  state: WorkflowStatus
  orderIds: string[]
  steps: StepState[]
  facts: WorkflowFacts
  requirements: Requirement[]
  /** A seller is given more time once (E74). */
  extended: boolean
  because: string | null
  endedAt: string | null
  startedById: string
  approvalId: string | null
}

/** The step that it stands at; none once it is over. */
export const currentStep = ({ state, steps }: WorkflowState): StepState | undefined =>
  OPEN.includes(state) ? steps.find(step => !OVER.includes(step.state)) : undefined

/** States in which it is not over. */
export const OPEN: readonly WorkflowStatus[] = ['RUNNING', 'WAITING', 'FAILED']
const OVER: readonly StepStatus[] = ['DONE', 'SKIPPED', 'COMPENSATED']

const first = (key: string, orderIds: readonly string[]): StepState => {
  const [name, place] = key.split('/')
  return {
    key,
    name: name!,
    orderId: orderIds[place ? Number(place) - 1 : 0]!,
    state: 'PENDING',
    startedAt: null,
    endedAt: null,
    waitsFor: null,
    dueAt: null,
    error: null,
    result: null,
  }
}

const withStep = (state: WorkflowState, key: string, change: (step: StepState) => Partial<StepState>) => ({
  ...state,
  steps: state.steps.map(step => (step.key === key ? { ...step, ...change(step) } : step)),
})

const withRequirement = (state: WorkflowState, id: string, change: Partial<Requirement>) => ({
  ...state,
  requirements: state.requirements.map(one => (one.id === id ? { ...one, ...change } : one)),
})

const quiet = { waitsFor: null, dueAt: null, error: null }

/** Events of a workflow's stream: its own, and what claims say of evidence. */
export type WorkflowStream = WorkflowEvents & {
  EvidenceRequested: {
    requirementId: string
    kind: string
    from: ClaimParty
    dueAt: string
    instructions?: string
  }
  EvidenceSatisfied: { requirementId: string; evidence: string[]; description?: string }
  EvidenceWaived: { requirementId: string }
}

export const workflow = aggregate<WorkflowState, WorkflowStream>({
  type: 'Workflow',
  prefix: 'wfl',
  initial: {
    kind: null,
    state: 'RUNNING',
    orderIds: [],
    steps: [],
    facts: {},
    requirements: [],
    extended: false,
    because: null,
    endedAt: null,
    startedById: '',
    approvalId: null,
  },
  evolve: {
    WorkflowStarted: (state, { kind, orderIds, steps, facts, startedById, approvalId }) => ({
      ...state,
      kind,
      orderIds,
      steps: steps.map(key => first(key, orderIds)),
      facts,
      startedById,
      approvalId,
    }),
    WorkflowStepDone: (state, { step, facts, result }, { occurredAt }) => ({
      ...withStep(state, step, ({ startedAt }) => ({
        ...quiet,
        state: 'DONE',
        startedAt: startedAt ?? occurredAt.toISOString(),
        endedAt: occurredAt.toISOString(),
        result,
      })),
      state: 'RUNNING',
      facts: { ...state.facts, ...facts },
    }),
    WorkflowStepWaiting: (state, { step, for: waitsFor, dueAt }, { occurredAt }) => ({
      ...withStep(state, step, ({ startedAt }) => ({
        ...quiet,
        state: 'WAITING',
        startedAt: startedAt ?? occurredAt.toISOString(),
        waitsFor,
        dueAt,
      })),
      state: 'WAITING',
    }),
    WorkflowStepFailed: (state, { step, code, message }, { occurredAt }) => ({
      ...withStep(state, step, ({ startedAt }) => ({
        ...quiet,
        state: 'FAILED',
        startedAt: startedAt ?? occurredAt.toISOString(),
        error: { code, message },
      })),
      state: 'FAILED',
    }),
    WorkflowStepSkipped: (state, { step, because }, { occurredAt }) => ({
      ...withStep(state, step, () => ({
        ...quiet,
        state: 'SKIPPED',
        endedAt: occurredAt.toISOString(),
        result: because,
      })),
      state: 'RUNNING',
    }),
    WorkflowStepCompensated: (state, { step, result }, { occurredAt }) =>
      withStep(state, step, () => ({ state: 'COMPENSATED', endedAt: occurredAt.toISOString(), result })),
    WorkflowResumed: (state, { step }) => ({
      ...withStep(state, step, () => ({ ...quiet, state: 'PENDING' })),
      state: 'RUNNING',
    }),
    WorkflowEnded: (state, { state: how, because }, { occurredAt }) => ({
      ...state,
      state: how,
      because,
      endedAt: occurredAt.toISOString(),
      steps: state.steps.map(step =>
        step.state === 'PENDING' || step.state === 'WAITING' ? { ...step, ...quiet, state: 'SKIPPED' } : step,
      ),
    }),
    FulfilmentGraceGranted: state => ({ ...state, extended: true }),
    EvidenceRequested: (state, { requirementId, kind, from, dueAt, instructions = null }) => ({
      ...state,
      requirements: [
        ...state.requirements,
        {
          id: requirementId,
          kind,
          from,
          state: 'REQUESTED',
          dueAt,
          instructions,
          evidence: [],
          description: null,
        },
      ],
    }),
    EvidenceSatisfied: (state, { requirementId, evidence, description = null }) =>
      withRequirement(state, requirementId, { state: 'SATISFIED', evidence, description }),
    EvidenceWaived: (state, { requirementId }) => withRequirement(state, requirementId, { state: 'WAIVED' }),
  },
})
