import type { Sum } from '#shared/money.js'

export type WorkflowKind = 'REFUND_BEFORE_SHIPPING' | 'NOT_RECEIVED' | 'NON_FULFILMENT'

/** What can happen to a workflow: steps that Opsgraph takes one after the other, each once, however often it dies in between. */
export interface WorkflowEvents {
  WorkflowStarted: {
    kind: WorkflowKind
    orderIds: string[]
    /** Names of its steps, in order. */
    steps: string[]
    /** What was given to it, and what its steps pass on. */
    facts: Record<string, unknown>
    /** For whom it acts: who started it. */
    startedById: string
    approvalId: string | null
  }
  WorkflowStepDone: { step: string; facts: Record<string, unknown>; result: string | null }
  /** It waits for a person, another part, or a time. */
  WorkflowStepWaiting: { step: string; for: string; dueAt: string | null }
  WorkflowStepFailed: { step: string; code: string; message: string }
  WorkflowStepSkipped: { step: string; because: string }
  WorkflowStepCompensated: { step: string; result: string }
  WorkflowResumed: { step: string }
  WorkflowEnded: { state: 'DONE' | 'COMPENSATED' | 'ABANDONED'; because: string }
  /** Names that the requirements give to what happens inside of workflows. */
  AllocationUnwound: { orderId: string; refundId: string | null; amount: Sum }
  NotReceivedCaseStarted: { orderId: string; shipmentId: string | null }
  FulfilmentSlaBreached: { orderId: string; sellerId: string | null; dueAt: string; graceUntil: string }
  FulfilmentGraceGranted: { orderId: string; until: string }
  NonFulfilmentProposed: { orderId: string; refundable: Sum }
  /** A person confirmed the proposal; risk issues the strike when one is asked for. */
  NonFulfilmentConcluded: { orderId: string; sellerId: string | null; strike: boolean }
  /** Somebody is to be told something; the support subgraph tells them and answers with NotificationSent. */
  NotificationRequested: {
    recipientId: string
    /** What for: ORDER_CANCELED, REFUND_ISSUED, LABEL_OVERDUE, EVIDENCE_WANTED, CLAIM_RESOLVED, … */
    template: string
    about: string[]
    facts: Record<string, unknown>
  }
}

export const WORKFLOW_EVENTS = {
  WorkflowStarted: 'Opsgraph began to take a row of steps.',
  WorkflowStepDone: 'A step of a workflow was done.',
  WorkflowStepWaiting: 'A workflow waits: for a person, for another part, or for a time.',
  WorkflowStepFailed: 'A step of a workflow was refused; the workflow stands still until somebody looks.',
  WorkflowStepSkipped: 'A step of a workflow was not needed.',
  WorkflowStepCompensated: 'A step of a workflow was made undone.',
  WorkflowResumed: 'Somebody let a workflow go on.',
  WorkflowEnded: 'A workflow came to its end.',
  AllocationUnwound: "A payment's allocation was taken back, and nets to zero.",
  NotReceivedCaseStarted: 'A buyer says that a parcel never came.',
  FulfilmentSlaBreached: 'A seller did not buy a label in time.',
  FulfilmentGraceGranted: 'A seller was given more time, once.',
  NonFulfilmentProposed: 'Opsgraph proposes to cancel, refund and strike; a person decides.',
  NonFulfilmentConcluded: 'A person confirmed that a seller did not deliver.',
  NotificationRequested: 'Somebody is to be told something.',
} satisfies Record<keyof WorkflowEvents, string>
