import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { lockStreams } from '#shared/event-store.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { openClaimOf } from '../claim-of-order.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { notReceivedSteps } from '../workflows/not-received.js'
import { type OrderFacts, ordersOf } from '../workflows/parts.js'

@InputType('StartNotReceivedCaseInput', { description: 'What never came, says the buyer.' })
export class StartNotReceivedCaseInput extends ActionInput {
  @given('Order', 'The order.')
  orderId!: string

  @given('Shipment', 'The parcel; may be left out when only one of the order has left.', { nullable: true })
  shipmentId?: string | null
}

interface Case {
  order: OrderFacts | null
  parcels: string[]
  openClaimId: string | null
}

async function read({ orderId }: StartNotReceivedCaseInput, tx: EntityManager): Promise<Case> {
  await lockStreams(tx, [orderId])
  const [order] = await ordersOf(tx, [orderId])
  const parcels = await tx.query('select id from orders.shipment where order_id = $1 order by id', [orderId])
  const claim = await openClaimOf(tx, orderId)
  return {
    order: order ?? null,
    parcels: parcels.map(({ id }: { id: string }) => id),
    openClaimId: claim?.claimId ?? null,
  }
}

/** The parcel that is missed. @throws Refusal when it is none of the order's, has not left, or is one of several */
function parcelOf({ order, parcels }: Case, shipmentId: string | null): string {
  const { gone } = order!
  if (shipmentId && !parcels.includes(shipmentId))
    refuse('NOT_FOUND', 'This is no parcel of the order.', 'shipmentId', { shipments: parcels })
  if (gone.length === 0)
    refuse('INVALID_STATE', 'Nothing of it has left: refundBeforeShipping instead.', 'orderId', {
      shipments: parcels,
    })
  if (shipmentId && !gone.includes(shipmentId))
    refuse('INVALID_STATE', 'This parcel has not left.', 'shipmentId', { shipments: gone })
  if (!shipmentId && gone.length > 1)
    refuse('INVALID', 'Several parcels of it have left: say which.', 'shipmentId', { shipments: gone })
  return shipmentId ?? gone[0]!
}

/** E70, E71: the carrier, then the parties, then risk, then a claim. */
export const startNotReceivedCase = action({
  name: 'startNotReceivedCase',
  description:
    'A parcel never came, says the buyer: asks the carrier, collects evidence, lets risk hold the money, opens a claim.',
  input: StartNotReceivedCaseInput,

  on: workflow,
  prepare: read,

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.RISK_AGENT],

  decide(_nothing, { orderId, shipmentId = null }, { read: found, actorId, approvalId, now }) {
    const { order, openClaimId } = found
    if (!order) refuse('NOT_FOUND', 'There is no such order.', 'orderId')
    const parcel = parcelOf(found, shipmentId)
    if (order.openWorkflowId)
      refuse('ALREADY_EXISTS', 'Another workflow of this order is not over.', 'orderId', {
        workflowId: order.openWorkflowId,
      })
    if (openClaimId)
      refuse('ALREADY_EXISTS', 'A claim about this order is open: go on with it.', 'orderId', {
        claimId: openClaimId,
      })
    const { sellerId, buyerId } = order
    const facts = { shipmentId: parcel, sellerId, buyerId, startedAt: now.toISOString() }
    const steps = notReceivedSteps.steps.map(({ name }) => name)
    const refs = [orderId, parcel]
    return [
      {
        type: 'WorkflowStarted',
        data: {
          kind: 'NOT_RECEIVED' as const,
          orderIds: [orderId],
          steps,
          facts,
          startedById: actorId,
          approvalId,
        },
        refs,
      },
      { type: 'NotReceivedCaseStarted', data: { orderId, shipmentId: parcel }, refs },
    ]
  },

  emits: ['WorkflowStarted', 'NotReceivedCaseStarted'],
  returns: { workflow: Workflow },
})
