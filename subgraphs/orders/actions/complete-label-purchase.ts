import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, given, money, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('CompleteLabelPurchaseInput', { description: 'The label that was bought.' })
export class CompleteLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @count('Which try it belongs to.')
  attempt!: number

  @text('Who carries it.')
  carrier!: string

  @text("The carrier's service.", { nullable: true })
  service?: string | null

  @text("The carrier's id of the parcel.", { nullable: true })
  carrierShipmentId?: string | null

  @text("The carrier's tracking number.", { nullable: true })
  trackingNumber?: string | null

  @money('What it cost.', { nullable: true })
  cost?: Sum | null

  @text('Where it can be printed from.', { nullable: true, max: 2000 })
  labelUrl?: string | null
}

/** E46: what the carrier sold is written down once. */
export const completeLabelPurchase = action({
  name: 'completeLabelPurchase',
  description: 'Notes a label that a carrier sold. Done by Opsgraph itself.',
  input: CompleteLabelPurchaseInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { attempt, carrier, ...label }) {
    requireShipment(state)
    if (state.purchase.state !== 'PENDING' || state.purchase.attempt !== attempt) return []
    return {
      type: 'LabelPurchased',
      data: {
        attempt,
        carrier,
        service: label.service ?? null,
        carrierShipmentId: label.carrierShipmentId ?? null,
        trackingNumber: label.trackingNumber ?? null,
        cost: label.cost ?? null,
        labelUrl: label.labelUrl ?? null,
      },
      refs: [state.orderId],
    }
  },

  emits: ['LabelPurchased'],
  returns: { shipment: Shipment },
})
