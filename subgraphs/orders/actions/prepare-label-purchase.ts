import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('PrepareLabelPurchaseInput', { description: 'What the carrier calls a parcel.' })
export class PrepareLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @count('Which try it belongs to.')
  attempt!: number

  @text("The carrier's id of the parcel.")
  carrierShipmentId!: string

  @text('The rate to buy; left out: it has a label already.', { nullable: true })
  rateId?: string | null
}

/** E46: written down before anything is bought, so that after a crash the same parcel is asked about and no other is bought. */
export const prepareLabelPurchase = action({
  name: 'prepareLabelPurchase',
  description: 'Notes what the carrier calls a parcel, before its label is bought. Done by Opsgraph itself.',
  input: PrepareLabelPurchaseInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { attempt, carrierShipmentId, rateId = null }) {
    requireShipment(state)
    const { purchase } = state
    if (purchase.state !== 'PENDING' || purchase.attempt !== attempt || purchase.prepared) return []
    return { type: 'LabelPurchasePrepared', data: { attempt, carrierShipmentId, rateId } }
  },

  emits: ['LabelPurchasePrepared'],
  returns: { shipment: Shipment },
})
