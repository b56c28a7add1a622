import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { given, instant, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { Role } from '#shared/roles.js'
import { type DisputeReport, dispute } from '../mirrored.js'
import { Dispute, DisputeState } from '../views/dispute.js'

@InputType('RecordProviderDisputeInput', {
  description: "What a provider says of a dispute, as far as it is one order's.",
})
export class RecordProviderDisputeInput extends ActionInput {
  @given('Dispute', 'The dispute.')
  disputeId!: string

  @given('Order', 'The order whose payment is disputed.')
  orderId!: string

  @text('The system that recorded it first.', { max: 60 })
  source!: string

  @text('Its id there.')
  externalId!: string

  @text("The provider's id, dp_…")
  providerDisputeId!: string

  @money("How much of it is this order's.")
  amount!: Sum

  @text("Why, in the provider's words.")
  disputeReason!: string

  @oneOf(DisputeState, 'Where it stands.')
  state!: OrderEvents['DisputeRecorded']['state']

  @instant('Until when evidence is taken (UTC).', { nullable: true })
  evidenceDueAt?: Date | null

  @instant('When it was opened (UTC).')
  openedAt!: Date

  @instant('When the provider said so (UTC): what it said before counts no more.')
  reportedAt!: Date
}

const RANK: Record<OrderEvents['DisputeRecorded']['state'], number> = {
  NEEDS_RESPONSE: 0,
  UNDER_REVIEW: 1,
  WON: 2,
  LOST: 2,
  CLOSED: 2,
}

/** By when it was said; the provider counts in seconds, so within one the one that is further counts. */
const isOlder = (before: DisputeReport, { state, reportedAt }: RecordProviderDisputeInput): boolean => {
  if (before.reportedAt === null) return false
  const later = reportedAt.getTime() - new Date(before.reportedAt).getTime()
  return later < 0 || (later === 0 && RANK[state] <= RANK[before.state!])
}

/** E40, A15: a dispute comes from the provider before anybody records it. */
export const recordProviderDispute = action({
  name: 'recordProviderDispute',
  description: 'Notes what the payment provider says of a dispute. Done by Opsgraph itself.',
  input: RecordProviderDisputeInput,

  on: dispute,
  target: input => input.disputeId,

  allow: [Role.SYSTEM],

  decide(before, input) {
    if (isOlder(before, input)) return []
    const { source, externalId, orderId, amount, disputeReason, state, providerDisputeId } = input
    const data: OrderEvents['DisputeRecorded'] = {
      source,
      externalId,
      orderId,
      amount,
      reason: disputeReason,
      state,
      disputeId: providerDisputeId,
      evidenceDueAt: input.evidenceDueAt?.toISOString() ?? null,
      openedAt: input.openedAt.toISOString(),
      reportedAt: input.reportedAt.toISOString(),
    }
    return { type: 'DisputeRecorded', data, refs: [orderId] }
  },

  emits: ['DisputeRecorded'],
  returns: { dispute: Dispute },
})
