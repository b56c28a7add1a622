import type { Access } from '#shared/permissions.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import type { ShipmentState } from './shipment.js'

/** Who mends shipments: support, and machines with that scope. */
export const SHIPPERS: readonly Access[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.SUPER_ADMIN,
  'shipping:write',
]

/** @throws Refusal NOT_FOUND when there is none */
export function requireShipment(state: ShipmentState): asserts state is ShipmentState & { orderId: string } {
  if (state.orderId === null) refuse('NOT_FOUND', 'There is no such shipment.', 'shipmentId')
}
