import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { given, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { configuredCarrier } from '../carriers/index.js'
import { readParcel } from '../carriers/known-parcel.js'
import { LEFT, labelStateOf, type ShipmentState, shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('RetryLabelPurchaseInput', { description: 'For which parcel to buy a label, of which service.' })
export class RetryLabelPurchaseInput extends ActionInput {
  @given('Shipment', 'The parcel to buy a label for.')
  shipmentId!: string

  @text('The service to buy; left out: the recorded one, or else the cheapest of its carrier.', {
    nullable: true,
  })
  service?: string | null
}

interface Read {
  orderStatus: string | null
  /** The carrier adapter that buys. */
  by: string
  /** What would have to be known first. */
  missing: string[]
}

async function read(
  { shipmentId }: RetryLabelPurchaseInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Read> {
  const { name, labels } = configuredCarrier(services)
  const parcel = await readParcel(tx, shipmentId)
  const [order] = await tx.query('select status from orders."order" where id = $1', [
    parcel?.state.orderId ?? '',
  ])
  const missing = parcel && labels ? labels.missing(parcel) : []
  return { orderStatus: order?.status ?? null, by: name, missing }
}

function requireWithoutLabel({ facts, purchase }: ShipmentState): void {
  const { status, trackingNumber } = facts
  if (LEFT.includes(status))
    refuse('ALREADY_SHIPPED', 'It has left already, so it has a label.', 'shipmentId', { status })
  const labelState = labelStateOf({ facts, purchase })
  if (labelState === 'PENDING' || labelState === 'TO_DO')
    refuse(
      'INVALID_STATE',
      labelState === 'PENDING'
        ? 'A label is being bought already.'
        : 'A label is to be bought by a person already: recordLabelPurchase or abandonLabelPurchase.',
      'shipmentId',
      { labelState, attempt: purchase.attempt, by: purchase.by },
    )
  if (labelState === 'PURCHASED' || trackingNumber)
    refuse('INVALID_STATE', 'It has a label already.', 'shipmentId', { labelState, trackingNumber })
}

/** E46: one try at a time, and none where there is a label: never two labels. */
export const retryLabelPurchase = action({
  name: 'retryLabelPurchase',
  description:
    'Buys a label for a parcel that has none. It happens in the background; the parcel then has a label, or an issue says why not.',
  input: RetryLabelPurchaseInput,
  risk: 'SENSITIVE',
  idempotent: 'REQUIRED',
  reasons: {
    PURCHASE_FAILED: 'The label could not be bought before.',
    ADDRESS_MENDED: 'The address was wrong, and is right now.',
    SERVICE_CHANGED: 'Another service or carrier is wanted.',
    SELLER_REQUEST: 'The seller asked for it.',
  },

  on: shipment,
  target: input => input.shipmentId,
  prepare: read,

  allow: SHIPPERS,

  decide(state, { service = null }, { read: { orderStatus, by, missing } }) {
    requireShipment(state)
    if (orderStatus === 'CANCELED')
      refuse('INVALID_STATE', 'Its order was called off.', 'shipmentId', { orderStatus })
    requireWithoutLabel(state)
    if (missing.length)
      refuse('INVALID_STATE', 'The carrier has to know more: updateShipmentMetadata.', 'shipmentId', {
        missing,
      })
    return {
      type: 'LabelPurchaseRetried',
      data: { attempt: state.purchase.attempt + 1, service, carrier: by },
      refs: [state.orderId],
    }
  },

  emits: ['LabelPurchaseRetried'],
  returns: { shipment: Shipment },
})
