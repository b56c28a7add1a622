import type { Act } from '#shared/act.js'
import type { WorkflowEvents } from '#shared/events/workflows.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** E75: a person confirmed that a seller did not deliver, and that it is worth a strike. Each confirmation gives one. */
export const strikeForNonFulfilment = reaction<Act>({
  name: 'strike-for-non-fulfilment',
  on: ['NonFulfilmentConcluded'],
  when: ({ data, occurredAt }) => {
    const { sellerId, strike } = data as WorkflowEvents['NonFulfilmentConcluded']
    return strike && sellerId ? occurredAt : null
  },
  run: async ({ event, tx, act }) => {
    const { orderId, sellerId } = event.data as WorkflowEvents['NonFulfilmentConcluded']
    const input = {
      organizationId: sellerId,
      severity: 'MINOR',
      orderId,
      statement: 'The order was not fulfilled in time; somebody looked at it and confirmed that.',
      workflowId: event.stream.id,
      reason: 'NON_FULFILMENT',
      idempotencyKey: `strike/${event.stream.id}/${orderId}`,
    }
    await act('issueStrike', input, { tx, event })
  },
}) as Reaction
