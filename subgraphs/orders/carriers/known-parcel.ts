import type { EntityManager } from 'typeorm'
import type { AddressRecorded, ParcelRecorded } from '#shared/events/orders.js'
import type { ShipmentState } from '../shipment.js'

/** All that is known of a parcel, as carriers have to be told. */
export interface KnownParcel {
  id: string
  state: ShipmentState
  origin: AddressRecorded | null
  destination: AddressRecorded | null
  parcel: ParcelRecorded | null
  /** When the marketplace, a carrier or a person last changed something. */
  updatedAt: Date
}

/** Null when there is no such shipment. */
export async function readParcel(
  db: Pick<EntityManager, 'query'>,
  shipmentId: string,
): Promise<KnownParcel | null> {
  const [row] = await db.query(
    'select id, state, origin_location, sender, destination, parcel, updated_at from orders.shipment where id = $1',
    [shipmentId],
  )
  if (!row) return null
  const origin = row.origin_location || row.sender ? { ...row.origin_location, ...row.sender } : null
  return {
    id: row.id,
    state: row.state,
    origin,
    destination: row.destination,
    parcel: row.parcel,
    updatedAt: row.updated_at,
  }
}
