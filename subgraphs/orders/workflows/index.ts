import type { WorkflowKind } from '#shared/events/workflows.js'
import type { Definition } from './engine.js'
import { nonFulfilmentSteps } from './non-fulfilment.js'
import { notReceivedSteps } from './not-received.js'
import { refundBeforeShippingSteps } from './refund-before-shipping.js'

/** Every workflow, by its kind. */
export const DEFINITIONS: ReadonlyMap<WorkflowKind, Definition> = new Map(
  [refundBeforeShippingSteps, notReceivedSteps, nonFulfilmentSteps].map(one => [one.kind, one]),
)

/** Events of others that bring some waiting step on. */
export const AWAITED: readonly string[] = [
  ...new Set([...DEFINITIONS.values()].flatMap(({ steps }) => steps.flatMap(({ on }) => on ?? []))),
]
