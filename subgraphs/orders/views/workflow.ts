import { Extensions, ID, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { ClaimParty } from '#shared/events/claims.js'
import { entity, flag, instant, json, oneOf, part, parts, ref, several, stub, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Happened, view } from '#shared/view.js'
import { inWords, RANK, type Work, type WorkItemPhase } from '#shared/work.js'
import { Organization } from '../stubs.js'
import { currentStep, OPEN, type StepStatus, type WorkflowState, workflow } from '../workflow.js'
import { Order } from './order.js'

const Approval = stub('Approval')
const StaffMember = stub('StaffMember')

export const WorkflowKind = states('WorkflowKind', 'What a workflow is for.', {
  REFUND_BEFORE_SHIPPING: 'Calls orders off before they leave and gives the money back (E69).',
  NOT_RECEIVED: 'Finds out about a parcel that never came, and brings it to a claim (E70, E71).',
  NON_FULFILMENT: 'A seller bought no label in time: reminds, waits, proposes (E72 to E75).',
})

export const WorkflowStatus = states('WorkflowState', 'Where a workflow stands.', {
  RUNNING: 'Its next step is about to be taken.',
  WAITING: 'It waits for a person, another part or a time: its step says which.',
  FAILED: 'A step was refused. Nothing of it was done; somebody has to look, then resume or abandon it.',
  DONE: 'It came to its end.',
  COMPENSATED: 'It was called off; what it had done before was made undone.',
  ABANDONED: 'A person gave it up.',
})

export const WorkflowStepState = states('WorkflowStepState', 'Where a step of a workflow stands.', {
  PENDING: 'Its turn has not come.',
  DONE: 'It was taken.',
  WAITING: 'It waits.',
  FAILED: 'It was refused, and nothing of it was done.',
  SKIPPED: 'It was not needed.',
  COMPENSATED: 'It was taken, and made undone.',
})

export const CaseEvidenceState = states(
  'CaseEvidenceState',
  'Where something stands that a party was asked to prove.',
  {
    REQUESTED: 'It is awaited.',
    SATISFIED: 'It was given.',
    WAIVED: 'It is no longer needed.',
  },
)

@ObjectType('WorkflowError', { description: 'Why a step was refused.' })
@Extensions({ value: true })
export class WorkflowError {
  @text('What kind of refusal; docs/errors.md lists them.')
  code!: string

  @text('For people.')
  message!: string
}

@ObjectType('WorkflowStep', { description: 'One thing that a workflow does, and what became of it.' })
@Extensions({ value: true })
export class WorkflowStep {
  @text('Unique in its workflow.')
  key!: string

  @text('What it does, e.g. CANCEL_ORDER; docs/guide/workflows.md lists them.')
  name!: string

  @ref(() => Order, 'The order that it is about.')
  orderId!: string

  @oneOf(WorkflowStepState, 'Where it stands.')
  state!: StepStatus

  @instant('When its turn came (UTC).', { nullable: true })
  startedAt!: Date | null

  @instant('When it was over (UTC).', { nullable: true })
  endedAt!: Date | null

  @text('What it waits for: an event such as NotificationSent, or DECISION for a person.', { nullable: true })
  waitsFor!: string | null

  @instant('When it goes on without that (UTC); null: not before.', { nullable: true })
  dueAt!: Date | null

  @part(() => WorkflowError, 'Why it was refused.', { nullable: true })
  error!: WorkflowError | null

  @text('What came of it, or why it was not needed.', { nullable: true })
  result!: string | null
}

@ObjectType('CaseEvidence', {
  description: 'Something that a party was asked to prove before a claim is opened.',
})
@Extensions({ value: true })
export class CaseEvidence {
  @text('Name it by this in provideCaseEvidence.')
  id!: string

  @text('What is to be proved, e.g. PROOF_OF_DELIVERY.')
  kind!: string

  @text('Who has to: BUYER, SELLER, PLATFORM or CARRIER.')
  from!: ClaimParty

  @oneOf(CaseEvidenceState, 'Where it stands.')
  state!: keyof typeof CaseEvidenceState

  @instant('When it is due (UTC).')
  dueAt!: Date

  @text('What they were asked.', { nullable: true })
  instructions!: string | null

  @several(String, 'What was given: ids, links, file names.')
  evidence!: string[]

  @text('What it shows, in the words of who gave it.', { nullable: true })
  description!: string | null
}

@entity('Workflow', {
  description:
    'Steps that Opsgraph takes one after the other, each exactly once, however often it dies in between. One that failed stands until a person resumes or abandons it.',
  allow: READERS,
  schema: 'orders',
  prefix: 'wfl',
})
export class Workflow extends Row {
  @oneOf(WorkflowKind, 'What it is for.')
  kind!: keyof typeof WorkflowKind

  /** The graph calls it `state`; that name is taken here by what decisions rest on. */
  @oneOf(WorkflowStatus, 'Where it stands.', { hidden: true })
  status!: keyof typeof WorkflowStatus

  @several(ID, 'The orders it is about: open with node(id), or by `orders`.', { links: true })
  orderIds!: string[]

  @ref(() => Organization, 'Who sells, where it is about one order.', { nullable: true })
  sellerId!: string | null

  @parts(() => WorkflowStep, 'Its steps, in order.')
  steps!: WorkflowStep[]

  @text('Name of the step that it stands at; null once it is over.', { nullable: true })
  step!: string | null

  @text('What it waits for; null when it does not wait.', { nullable: true })
  waitsFor!: string | null

  @instant('When it goes on without that (UTC); null: not before.', { nullable: true })
  dueAt!: Date | null

  @part(() => WorkflowError, 'Why it stands; null when it did not fail.', { nullable: true })
  error!: WorkflowError | null

  @parts(() => CaseEvidence, 'What the parties were asked to prove; empty where nothing was.')
  evidence!: CaseEvidence[]

  @json('What was given to it, and what its steps found out.')
  facts!: object

  @flag('A seller was given more time, which happens once (E74).')
  graceExtended!: boolean

  @ref(() => StaffMember, 'Who started it; null: Opsgraph itself.', { as: 'startedBy', nullable: true })
  startedById!: string | null

  @ref(() => Approval, 'The request by which it was started, if it took two people.', { nullable: true })
  approvalId!: string | null

  @instant('When it was over (UTC).', { nullable: true })
  endedAt!: Date | null

  @text('Why it is over.', { nullable: true })
  because!: string | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: WorkflowState
}

const date = (text: string | null) => (text ? new Date(text) : null)

/** What the row shows of the state. */
const shown = (_: Happened<unknown>, __: Workflow | null, state: WorkflowState) => {
  const at = currentStep(state)
  return {
    status: state.state,
    steps: state.steps as unknown as WorkflowStep[],
    step: at?.key ?? null,
    waitsFor: at?.waitsFor ?? null,
    dueAt: date(at?.dueAt ?? null),
    error: (at?.error as WorkflowError | undefined) ?? null,
    evidence: state.requirements as unknown as CaseEvidence[],
    facts: state.facts,
    graceExtended: state.extended,
    endedAt: date(state.endedAt),
    because: state.because,
  }
}

/** What the workflow says beside its own steps: the row's version follows. */
const said = () => ({})

/** It waits for a person when a step was refused, or when a person has to decide how it goes on. */
function phaseOf({ status, waitsFor }: Workflow): WorkItemPhase {
  if (!OPEN.includes(status)) return 'DONE'
  return status === 'FAILED' || waitsFor === 'DECISION' ? 'ACTIVE' : 'WAITING'
}

const work = (row: Workflow): Work => ({
  phase: phaseOf(row),
  title: inWords(row.kind),
  priority: row.status === 'FAILED' ? RANK.SOON : RANK.IN_TURN,
  dueAt: row.dueAt,
  since: row.endedAt,
  workspace: 'SHIPPING',
  becauseOf: row.waitsFor ?? row.status,
})

export const workflows = view(Workflow, {
  of: workflow,
  work,
  on: {
    WorkflowStarted: (event, row, state) => ({
      ...shown(event, row, state),
      kind: event.data.kind,
      orderIds: event.data.orderIds,
      sellerId: (event.data.facts.sellerId as string | undefined) ?? null,
      startedById: event.actor.kind === 'SYSTEM' ? null : event.data.startedById,
      approvalId: event.data.approvalId,
    }),
    WorkflowStepDone: shown,
    WorkflowStepWaiting: shown,
    WorkflowStepFailed: shown,
    WorkflowStepSkipped: shown,
    WorkflowStepCompensated: shown,
    WorkflowResumed: shown,
    WorkflowEnded: shown,
    FulfilmentGraceGranted: shown,
    EvidenceRequested: shown,
    EvidenceSatisfied: shown,
    EvidenceWaived: shown,
    AllocationUnwound: said,
    NotReceivedCaseStarted: said,
    FulfilmentSlaBreached: said,
    NonFulfilmentProposed: said,
    NonFulfilmentConcluded: said,
    NotificationRequested: said,
  },
})
