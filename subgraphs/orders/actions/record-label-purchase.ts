import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, money, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { labelStateOf, shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('RecordLabelPurchaseInput', { description: 'The label that a person bought.' })
export class RecordLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('Who carries it.')
  carrier!: string

  @text("The carrier's service.", { nullable: true })
  service?: string | null

  @text("The carrier's tracking number.")
  trackingNumber!: string

  @money('What it cost.')
  cost!: Sum

  @text('Where it can be printed from.', { nullable: true, max: 2000 })
  labelUrl?: string | null
}

/** E46: how a person ends a purchase that waits for one. */
export const recordLabelPurchase = action({
  name: 'recordLabelPurchase',
  description:
    'Enters a label that a person bought with the carrier, where retryLabelPurchase left that to people.',
  input: RecordLabelPurchaseInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    BOUGHT_BY_HAND: 'It was bought on the site of the carrier.',
    BOUGHT_BY_SELLER: 'The seller bought it.',
  },

  on: shipment,
  target: input => input.shipmentId,
  allow: SHIPPERS,

  decide(state, { carrier, service = null, trackingNumber, cost, labelUrl = null }) {
    requireShipment(state)
    const { purchase, orderId } = state
    const labelState = labelStateOf(state)
    if (labelState !== 'TO_DO')
      refuse(
        'INVALID_STATE',
        'No label waits for a person to buy it: retryLabelPurchase first.',
        'shipmentId',
        {
          labelState,
          trackingNumber: state.facts.trackingNumber,
        },
      )
    if (cost.amount < 0) refuse('NOT_POSITIVE', 'A label cannot cost less than nothing.', 'cost')
    return {
      type: 'LabelPurchased',
      data: {
        attempt: purchase.attempt,
        carrier,
        service,
        carrierShipmentId: null,
        trackingNumber,
        cost,
        labelUrl,
      },
      refs: [orderId],
    }
  },

  emits: ['LabelPurchased'],
  returns: { shipment: Shipment },
})
