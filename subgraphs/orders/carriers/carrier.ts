import type { ShipmentStatusName } from '#shared/events/orders.js'
import type { Sum } from '#shared/money.js'
import type { KnownParcel } from './known-parcel.js'

/** It will not work however often one tries, until a person changes something. */
export interface Failed {
  outcome: 'FAILED'
  /** The carrier's code, or ours in the same form. */
  code: string
  /** Plain words, without anything personal. */
  message: string
  cause: 'ADDRESS' | 'OTHER'
  /** The carrier's own words, which may repeat an address. */
  carrierMessage: string | null
}

/** The carrier knows the parcel under this id; `rateId` is what to buy, null when it has a label already. */
export interface Prepared {
  outcome: 'PREPARED'
  carrierShipmentId: string
  rateId: string | null
}

export interface Bought {
  outcome: 'BOUGHT'
  carrier: string
  service: string | null
  carrierShipmentId: string
  trackingNumber: string | null
  cost: Sum | null
  labelUrl: string | null
}

export interface Located {
  outcome: 'LOCATED'
  carrier: string
  status: ShipmentStatusName
  carrierStatus: string | null
  lastScanAt: string | null
  deliveredAt: string | null
  evidence: Record<string, unknown>
}

/** What to make known to the carrier. */
export interface Preparing {
  parcel: KnownParcel
  /** Unique to this try: by it the parcel is found again after a crash. */
  reference: string
  /** What was asked for; null: as recorded, or else the cheapest. */
  service: string | null
}

/**
 * Buys labels by itself. What it throws is undetermined (no answer, a failure of theirs, too many requests): it is looked up and tried
 * again later. What it answers is final.
 */
export interface LabelSeller {
  /** What has to be known of a parcel before a label can be bought, and is not. */
  missing(parcel: KnownParcel): string[]
  /** Buys nothing. Finds what earlier tries left before it makes anything known anew. */
  prepare(preparing: Preparing, signal: AbortSignal): Promise<Prepared | Failed>
  /** Buys, unless that carrier shipment has a label by now: then that is what was bought. */
  buy(prepared: Omit<Prepared, 'outcome'>, signal: AbortSignal): Promise<Bought | Failed>
}

/** Who is asked for labels and for where parcels are (E46, E70). */
export interface Carrier {
  name: 'manual' | 'easypost'
  /** Null: people buy labels, and enter them. */
  labels: LabelSeller | null
  /** What has to be known of a parcel before it can be found, and is not. */
  untraceable(parcel: KnownParcel): string[]
  locate(parcel: KnownParcel, signal: AbortSignal): Promise<Located | Failed>
}
