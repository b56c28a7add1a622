import { RecordedRow } from '#shared/entity.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { entity, instant, money, oneOf, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import type { Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { shipment } from '../mirrored.js'
import { Order } from './order.js'

export const ShipmentStatus = states('ShipmentStatus', 'Where a parcel is, whoever carries it.', {
  PENDING: 'Nothing happened yet.',
  LABEL_CREATED: 'A label was bought; nothing was handed over.',
  IN_TRANSIT: 'Handed over, on its way.',
  OUT_FOR_DELIVERY: 'Comes today.',
  DELIVERED: 'Arrived, says the carrier.',
  RETURNED: 'Went back.',
  LOST: 'The carrier gave it up.',
})
/** States in which a parcel has left the seller. */
export const LEFT: readonly OrderEvents['ShipmentRecorded']['status'][] = [
  'IN_TRANSIT',
  'OUT_FOR_DELIVERY',
  'DELIVERED',
  'RETURNED',
  'LOST',
]

@entity('Shipment', { description: 'A parcel of an order.', allow: READERS, schema: 'orders', prefix: 'shp' })
export class Shipment extends RecordedRow {
  @ref(() => Order, 'The order it belongs to.')
  orderId!: string

  @text('Who carries it.', { nullable: true })
  carrier!: string | null

  @text("The carrier's service.", { nullable: true })
  service!: string | null

  @text("The carrier's tracking number.", { nullable: true, find: IdentifierKind.TRACKING })
  trackingNumber!: string | null

  @oneOf(ShipmentStatus, 'Where it is, in words that all carriers share.')
  status!: keyof typeof ShipmentStatus

  @text("What the carrier says, in the carrier's words.", { nullable: true })
  carrierStatus!: string | null

  @text('Where it is sent from.', { nullable: true })
  origin!: string | null

  @money('What the label cost.', { nullable: true })
  labelCost!: Sum | null

  @money('What the seller was credited for shipping.', { nullable: true })
  shippingCredit!: Sum | null

  @instant('When it left (UTC).', { nullable: true })
  shippedAt!: Date | null

  @instant('When it arrived (UTC).', { nullable: true })
  deliveredAt!: Date | null
}

const date = (text: string | null) => (text ? new Date(text) : null)

export const shipments = view(Shipment, {
  of: shipment,
  on: {
    ShipmentRecorded: ({ data }) => ({
      ...data,
      shippedAt: date(data.shippedAt),
      deliveredAt: date(data.deliveredAt),
    }),
  },
})
