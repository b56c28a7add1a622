import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { labelStateOf, shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('AbandonLabelPurchaseInput', { description: 'For which parcel no label will be bought.' })
export class AbandonLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string
}

/** E46: the other way in which a person ends a purchase that waits for one. */
export const abandonLabelPurchase = action({
  name: 'abandonLabelPurchase',
  description:
    'Says that the label that waits for a person could not be bought, so that it can be tried anew.',
  input: AbandonLabelPurchaseInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    ADDRESS_REFUSED: 'The carrier does not take the address.',
    CARRIER_REFUSED: 'The carrier does not sell it.',
    NOT_NEEDED: 'It is not needed any more.',
  },

  on: shipment,
  target: input => input.shipmentId,
  allow: SHIPPERS,

  decide(state, { reason }) {
    requireShipment(state)
    const labelState = labelStateOf(state)
    if (labelState !== 'TO_DO')
      refuse('INVALID_STATE', 'No label waits for a person to buy it.', 'shipmentId', { labelState })
    return {
      type: 'LabelPurchaseFailed',
      data: {
        attempt: state.purchase.attempt,
        code: reason!,
        message: 'A person did not buy it.',
        cause: reason === 'ADDRESS_REFUSED' ? ('ADDRESS' as const) : ('OTHER' as const),
      },
      refs: [state.orderId],
    }
  },

  emits: ['LabelPurchaseFailed'],
  returns: { shipment: Shipment },
})
