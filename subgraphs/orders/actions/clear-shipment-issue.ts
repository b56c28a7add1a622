import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, text } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { issueIdOf, ShipmentIssue, ShipmentIssueKind } from '../views/shipment-issue.js'

@InputType('ClearShipmentIssueInput', { description: 'What is no longer wrong with a shipment.' })
export class ClearShipmentIssueInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @oneOf(ShipmentIssueKind, 'What was wrong.')
  kind!: keyof typeof ShipmentIssueKind

  @text('Why it no longer is.')
  because!: string
}

/** E42 to E45. */
export const clearShipmentIssue = action({
  name: 'clearShipmentIssue',
  description: 'Notes that what was wrong with a shipment no longer is. Done by Opsgraph itself.',
  input: ClearShipmentIssueInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { kind, because }, { targetId }) {
    requireShipment(state)
    if (!state.issues[kind]) return []
    return {
      type: 'ShipmentIssueCleared',
      data: { kind, because },
      refs: [issueIdOf(targetId, kind), state.orderId],
    }
  },

  emits: ['ShipmentIssueCleared'],
  returns: {
    issue: {
      type: ShipmentIssue,
      id: ([event], targetId) =>
        event ? issueIdOf(targetId, (event.data as { kind: keyof typeof ShipmentIssueKind }).kind) : null,
    },
  },
})
