import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('NoteCarrierSilenceInput', { description: 'Why a carrier could not say where a parcel is.' })
export class NoteCarrierSilenceInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('Who was asked.')
  carrier!: string

  @text("The carrier's code.")
  code!: string

  @text('What it means, for people.', { max: 2000, multiline: true })
  message!: string

  @text('The workflow that wanted to know.', { nullable: true })
  workflowId?: string | null
}

/** E70: that the carrier does not know is an answer too. */
export const noteCarrierSilence = action({
  name: 'noteCarrierSilence',
  description: 'Notes that a carrier does not know a parcel, or cannot be reached. Done by Opsgraph itself.',
  input: NoteCarrierSilenceInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { carrier, code, message, workflowId = null }) {
    requireShipment(state)
    return {
      type: 'CarrierStatusNotConfirmed',
      data: { carrier, code, message, workflowId },
      refs: [state.orderId, ...(workflowId ? [workflowId] : [])],
    }
  },

  emits: ['CarrierStatusNotConfirmed'],
  returns: { shipment: Shipment },
})
