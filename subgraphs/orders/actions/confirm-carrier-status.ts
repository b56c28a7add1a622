import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { configuredCarrier } from '../carriers/index.js'
import { readParcel } from '../carriers/known-parcel.js'
import { shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('ConfirmCarrierStatusInput', { description: 'Which parcel the carrier is asked about.' })
export class ConfirmCarrierStatusInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('The workflow that wants to know; set by Opsgraph itself.', { nullable: true })
  workflowId?: string | null
}

/** E70: the carrier is outside, so this is the question; the answer is another event, and evidence. */
export const confirmCarrierStatus = action({
  name: 'confirmCarrierStatus',
  description: 'Asks the carrier where a parcel is. The answer follows in the background, as evidence.',
  input: ConfirmCarrierStatusInput,

  on: shipment,
  target: input => input.shipmentId,
  prepare: async ({ shipmentId }, tx: EntityManager, { services }) => {
    const carrier = configuredCarrier(services)
    const parcel = await readParcel(tx, shipmentId)
    return { name: carrier.name, missing: parcel ? carrier.untraceable(parcel) : [] }
  },

  allow: [...SHIPPERS, Role.RISK_AGENT, Role.SYSTEM],

  decide(state, { workflowId = null }, { read: { name, missing }, actorRoles }) {
    requireShipment(state)
    if (workflowId && !actorRoles.includes(Role.SYSTEM))
      refuse('INVALID', 'Only workflows ask in the name of a workflow.', 'workflowId')
    if (missing.length)
      refuse('INVALID_STATE', 'The carrier cannot be asked about it yet.', 'shipmentId', { missing })
    return {
      type: 'CarrierStatusRequested',
      data: { carrier: name, workflowId },
      refs: [state.orderId, ...(workflowId ? [workflowId] : [])],
    }
  },

  emits: ['CarrierStatusRequested'],
  returns: { shipment: Shipment },
})
