import { InputType } from 'type-graphql'
import type { OrderEvents } from '#shared/events/orders.js'
import { instant, money, oneOf, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { RecordInput, recording } from '#shared/record.js'
import { ShipmentStatus } from '../views/shipment.js'

@InputType('ShipmentRecordInput', { description: 'A parcel of an order that was recorded before.' })
export class ShipmentRecordInput extends RecordInput {
  @text('External id of the order.')
  order!: string

  @text('Who carries it.', { nullable: true })
  carrier?: string | null

  @text("The carrier's service.", { nullable: true })
  service?: string | null

  @text("The carrier's tracking number.", { nullable: true })
  trackingNumber?: string | null

  @oneOf(ShipmentStatus, 'Where it is.', { default: 'PENDING' })
  status!: OrderEvents['ShipmentRecorded']['status']

  @text("What the carrier says, in the carrier's words.", { nullable: true })
  carrierStatus?: string | null

  @text('Where it is sent from.', { nullable: true })
  origin?: string | null

  @money('What the label cost.', { nullable: true })
  labelCost?: Sum | null

  @money('What the seller was credited for shipping.', { nullable: true })
  shippingCredit?: Sum | null

  @instant('When it left (UTC).', { nullable: true })
  shippedAt?: Date | null

  @instant('When it arrived (UTC).', { nullable: true })
  deliveredAt?: Date | null
}

export const recordShipments = recording({
  name: 'recordShipments',
  plural: 'shipments',
  description: 'Takes shipments in, of orders that were recorded before.',
  record: ShipmentRecordInput,
  emits: ['ShipmentRecorded'],
  requires: ({ order }, id) => [{ field: 'order', stream: { type: 'Order', id: id('ord', order) } }],
  streams(record, id) {
    const { source, externalId, status, shippedAt, deliveredAt } = record
    const {
      carrier = null,
      service = null,
      trackingNumber = null,
      carrierStatus = null,
      origin = null,
    } = record
    const { labelCost = null, shippingCredit = null } = record
    const orderId = id('ord', record.order)
    const data: OrderEvents['ShipmentRecorded'] = {
      source,
      externalId,
      orderId,
      carrier,
      service,
      trackingNumber,
      status,
      carrierStatus,
      origin,
      labelCost,
      shippingCredit,
      shippedAt: shippedAt?.toISOString() ?? null,
      deliveredAt: deliveredAt?.toISOString() ?? null,
    }
    return [
      {
        stream: { type: 'Shipment', id: id('shp', externalId) },
        event: { type: 'ShipmentRecorded', data, refs: [orderId] },
      },
    ]
  },
})
