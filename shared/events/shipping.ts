import type { AddressRecorded } from '#shared/events/orders.js'
import type { Sum } from '#shared/money.js'

export type ShipmentIssueKind =
  | 'LABEL_PURCHASE_FAILED'
  | 'ADDRESS_INVALID'
  | 'TRACKING_STALE'
  | 'DELIVERED_NOT_RECEIVED'

/** What Opsgraph and its people do about shipments, beside what the marketplace records. */
export interface ShippingEvents {
  ShipmentIssueDetected: { kind: ShipmentIssueKind; evidence: Record<string, unknown>; orderId?: string }
  ShipmentIssueCleared: { kind: ShipmentIssueKind; because: string }
  /** A label is to be bought: at most one of these is on its way for a shipment. */
  LabelPurchaseRetried: { attempt: number; service: string | null; carrier: string }
  /** The carrier knows the parcel, under this id; nothing was bought yet. */
  LabelPurchasePrepared: { attempt: number; carrierShipmentId: string; rateId: string | null }
  LabelPurchased: {
    attempt: number
    carrier: string
    service: string | null
    carrierShipmentId: string | null
    trackingNumber: string | null
    cost: Sum | null
    labelUrl: string | null
  }
  LabelPurchaseFailed: {
    attempt: number
    code: string
    message: string
    /** Whose fault it is; `ADDRESS`: the address has to be mended first. */
    cause?: 'ADDRESS' | 'OTHER'
    /** The carrier's own words; personal, since they may repeat the address. */
    carrierMessage?: string
  }
  ShipmentMetadataUpdated: {
    before: Record<string, unknown>
    after: Record<string, unknown>
    /** Personal. */
    destinationBefore?: AddressRecorded | null
    /** Personal. */
    destinationAfter?: AddressRecorded
    /** Personal. */
    addressProblem?: string
  }
  /** Somebody wants to know where the parcel is; the carrier is asked by a reaction. */
  CarrierStatusRequested: { carrier: string; workflowId: string | null }
  CarrierStatusNotConfirmed: { carrier: string; code: string; message: string; workflowId: string | null }
  /** A buyer says that the parcel never came; `about`: the claim, workflow or ticket that says so. */
  NotReceivedReported: { about: string; orderId: string }
  NotReceivedSettled: { about: string; because: string }
  CarrierStatusConfirmed: {
    carrier: string
    status: string
    carrierStatus: string | null
    lastScanAt: string | null
    deliveredAt: string | null
    /** What the carrier answered, as far as it matters. */
    evidence: Record<string, unknown>
    workflowId: string | null
  }
  ShipmentInvestigationStarted: { shipmentId: string; orderId: string; steps: string[]; dueAt: string }
  ShipmentInvestigationStepDone: { step: string; skipped?: boolean; finding?: string }
  ShipmentInvestigationConcluded: { outcome: string; summary?: string }
}

export const SHIPPING_EVENTS = {
  ShipmentIssueDetected: 'Something is wrong with a shipment.',
  ShipmentIssueCleared: 'What was wrong with a shipment no longer is.',
  LabelPurchaseRetried: 'A label is to be bought once more.',
  LabelPurchasePrepared: 'The carrier knows the parcel; its label was not bought yet.',
  LabelPurchased: 'A label was bought.',
  LabelPurchaseFailed: 'A label could not be bought.',
  ShipmentMetadataUpdated: 'Somebody changed what is known of a shipment.',
  CarrierStatusRequested: 'Somebody wants the carrier to be asked where a parcel is.',
  CarrierStatusNotConfirmed: 'The carrier was asked where a parcel is, and does not know it.',
  NotReceivedReported: 'A buyer says that a parcel never came.',
  NotReceivedSettled: 'It no longer stands that a parcel never came.',
  CarrierStatusConfirmed: 'The carrier was asked where a parcel is, and answered.',
  ShipmentInvestigationStarted: 'Somebody began to look into what became of a parcel.',
  ShipmentInvestigationStepDone: 'A step of an investigation was done.',
  ShipmentInvestigationConcluded: 'An investigation came to its end.',
} satisfies Record<keyof ShippingEvents, string>
