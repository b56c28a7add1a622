import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { count, flag, given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('FailLabelPurchaseInput', { description: 'Why a label could not be bought.' })
export class FailLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @count('Which try it belongs to.')
  attempt!: number

  @text("The carrier's code.")
  code!: string

  @text('What it means, for people.', { max: 2000, multiline: true })
  message!: string

  @flag('The address has to be mended first.', { default: false })
  isAddress!: boolean

  @text("The carrier's own words.", { nullable: true, max: 4000, multiline: true })
  carrierMessage?: string | null
}

/** E42, E43, E46: it ends here, and an issue says so. */
export const failLabelPurchase = action({
  name: 'failLabelPurchase',
  description: 'Notes that a carrier refused to sell a label. Done by Opsgraph itself.',
  input: FailLabelPurchaseInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { attempt, code, message, isAddress, carrierMessage }) {
    requireShipment(state)
    if (state.purchase.state !== 'PENDING' || state.purchase.attempt !== attempt) return []
    return {
      type: 'LabelPurchaseFailed',
      data: { attempt, code, message, cause: isAddress ? ('ADDRESS' as const) : ('OTHER' as const) },
      ...(carrierMessage && { personal: { carrierMessage } }),
      refs: [state.orderId],
    }
  },

  emits: ['LabelPurchaseFailed'],
  returns: { shipment: Shipment },
})
