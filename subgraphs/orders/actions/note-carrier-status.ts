import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant, json, oneOf, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { Shipment, ShipmentStatus } from '../views/shipment.js'

@InputType('NoteCarrierStatusInput', { description: 'What a carrier answered.' })
export class NoteCarrierStatusInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('Who was asked.')
  carrier!: string

  @oneOf(ShipmentStatus, 'Where it is.')
  status!: keyof typeof ShipmentStatus

  @text("What the carrier said, in the carrier's words.", { nullable: true, max: 2000, multiline: true })
  carrierStatus?: string | null

  @instant('The last scan it knows of (UTC).', { nullable: true })
  lastScanAt?: Date | null

  @instant('When it was delivered (UTC).', { nullable: true })
  deliveredAt?: Date | null

  @json('What else the carrier said.')
  evidence!: Record<string, unknown>

  @text('The workflow that wanted to know.', { nullable: true })
  workflowId?: string | null
}

/** E70: the carrier's answer, as evidence. */
export const noteCarrierStatus = action({
  name: 'noteCarrierStatus',
  description: 'Notes what a carrier answered when it was asked where a parcel is. Done by Opsgraph itself.',
  input: NoteCarrierStatusInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { carrier, status, evidence, ...said }) {
    requireShipment(state)
    const workflowId = said.workflowId ?? null
    return {
      type: 'CarrierStatusConfirmed',
      data: {
        carrier,
        status,
        carrierStatus: said.carrierStatus ?? null,
        lastScanAt: said.lastScanAt?.toISOString() ?? null,
        deliveredAt: said.deliveredAt?.toISOString() ?? null,
        evidence,
        workflowId,
      },
      refs: [state.orderId, ...(workflowId ? [workflowId] : [])],
    }
  },

  emits: ['CarrierStatusConfirmed'],
  returns: { shipment: Shipment },
})
