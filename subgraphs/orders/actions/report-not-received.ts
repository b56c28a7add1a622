import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('ReportNotReceivedInput', { description: 'Which parcel a buyer misses.' })
export class ReportNotReceivedInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('The claim or workflow that says so; left out: whoever calls.', { nullable: true })
  about?: string | null
}

/** E45: what the buyer says; with what the carrier says it becomes an issue. */
export const reportNotReceived = action({
  name: 'reportNotReceived',
  description: 'Notes that a buyer says that a parcel never came.',
  input: ReportNotReceivedInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [...SHIPPERS, Role.RISK_AGENT, Role.SYSTEM],

  decide(state, { about: named }, { actorId, actorRoles }) {
    requireShipment(state)
    const isSystem = actorRoles.includes(Role.SYSTEM)
    if (named && !isSystem) refuse('INVALID', 'Only claims and workflows speak for themselves.', 'about')
    const about = named ?? actorId
    if (state.reports.includes(about)) {
      if (isSystem) return []
      refuse('ALREADY_EXISTS', 'You reported this already.', 'shipmentId', { reports: state.reports })
    }
    return {
      type: 'NotReceivedReported',
      data: { about, orderId: state.orderId },
      refs: [about, state.orderId],
    }
  },

  emits: ['NotReceivedReported'],
  returns: { shipment: Shipment },
})
