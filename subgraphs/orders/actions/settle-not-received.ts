import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('SettleNotReceivedInput', { description: 'Which parcel is no longer missed.' })
export class SettleNotReceivedInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @text('The claim or workflow that came to its end; left out: what people reported.', { nullable: true })
  about?: string | null

  @text('What became of it.', { max: 500 })
  because!: string
}

const isOfPerson = (report: string): boolean => /^(stf|svc)_/.test(report)

/** E45: a claim came to its end, or a person says that the parcel turned up. */
export const settleNotReceived = action({
  name: 'settleNotReceived',
  description: 'Notes that a parcel that was missed no longer is. What claims say ends with the claims.',
  input: SettleNotReceivedInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [...SHIPPERS, Role.RISK_AGENT, Role.SYSTEM],

  decide(state, { about: named, because }, { actorRoles }) {
    requireShipment(state)
    const isSystem = actorRoles.includes(Role.SYSTEM)
    if (named && !isSystem) refuse('INVALID', 'What a claim says ends with the claim.', 'about')
    const settled = state.reports.filter(report => (named ? report === named : isOfPerson(report)))
    if (settled.length === 0 && !isSystem)
      refuse('INVALID_STATE', 'Nobody reported it as missed, but for claims and workflows.', 'shipmentId', {
        reports: state.reports,
      })
    return settled.map(about => ({
      type: 'NotReceivedSettled' as const,
      data: { about, because },
      refs: [about, state.orderId],
    }))
  },

  emits: ['NotReceivedSettled'],
  returns: { shipment: Shipment },
})
