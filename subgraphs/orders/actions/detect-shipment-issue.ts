import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { canonicalJson } from '#shared/canonical.js'
import { given, json, oneOf } from '#shared/fields.js'
import { Role } from '#shared/roles.js'
import { shipment } from '../shipment.js'
import { requireShipment } from '../shippers.js'
import { issueIdOf, ShipmentIssue, ShipmentIssueKind } from '../views/shipment-issue.js'

@InputType('DetectShipmentIssueInput', { description: 'What is wrong with a shipment.' })
export class DetectShipmentIssueInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @oneOf(ShipmentIssueKind, 'What is wrong.')
  kind!: keyof typeof ShipmentIssueKind

  @json('What it rests on.')
  evidence!: Record<string, unknown>
}

/** E42 to E45. What is open on the same grounds already stays as it is. */
export const detectShipmentIssue = action({
  name: 'detectShipmentIssue',
  description: 'Notes that something is wrong with a shipment. Done by Opsgraph itself.',
  input: DetectShipmentIssueInput,

  on: shipment,
  target: input => input.shipmentId,
  allow: [Role.SYSTEM],

  decide(state, { kind, evidence }, { targetId }) {
    requireShipment(state)
    const known = state.issues[kind]
    if (known && canonicalJson(known) === canonicalJson(evidence)) return []
    return {
      type: 'ShipmentIssueDetected',
      data: { kind, evidence, orderId: state.orderId },
      refs: [issueIdOf(targetId, kind), state.orderId],
    }
  },

  emits: ['ShipmentIssueDetected'],
  returns: {
    issue: {
      type: ShipmentIssue,
      id: ([event], targetId) =>
        event ? issueIdOf(targetId, (event.data as { kind: keyof typeof ShipmentIssueKind }).kind) : null,
    },
  },
})
