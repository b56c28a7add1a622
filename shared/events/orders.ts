import type { Sum } from '#shared/money.js'

/** A thing that was ordered, as it was sold. */
export interface LineRecorded {
  externalId: string | null
  listingId: string | null
  title: string
  sku: string | null
  quantity: number
  unitPrice: Sum
}

interface FromSource {
  source: string
  externalId: string
}

/** A place, as far as it names nobody's door. */
export interface PlaceRecorded {
  name?: string
  city?: string
  region?: string
  postalCode?: string
  /** ISO 3166-1 alpha-2. */
  country?: string
}

/** Where somebody can be sent something: personal. */
export interface AddressRecorded extends PlaceRecorded {
  street?: string
  street2?: string
  phone?: string
}

/** What a carrier has to know of a box. */
export interface ParcelRecorded {
  weightGrams: number
  lengthMm?: number
  widthMm?: number
  heightMm?: number
}

export type ShipmentStatusName =
  | 'PENDING'
  | 'LABEL_CREATED'
  | 'IN_TRANSIT'
  | 'OUT_FOR_DELIVERY'
  | 'DELIVERED'
  | 'RETURNING'
  | 'RETURNED'
  | 'EXCEPTION'
  | 'LOST'

export type PaymentState = 'PENDING' | 'CAPTURED' | 'FAILED' | 'REFUNDED' | 'DISPUTED'

/** What can happen to orders, their payments, shipments, disputes and payouts. Shapes only ever grow. */
export interface OrderEvents {
  CheckoutRecorded: FromSource & { buyerId: string | null; orderIds: string[]; total: Sum; placedAt: string }
  OrderRecorded: FromSource & {
    checkoutId: string
    buyerId: string | null
    sellerId: string | null
    number: string | null
    status: 'PLACED' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CANCELED'
    lines: LineRecorded[]
    shipping: Sum
    tax: Sum
    fee: Sum
    total: Sum
    placedAt: string
  }
  PaymentRecorded: FromSource & {
    checkoutId: string | null
    provider: string
    method: string | null
    status: PaymentState
    amount: Sum
    paymentIntentId: string | null
    chargeId: string | null
    customerId: string | null
    allocations: { orderId: string; amount: Sum }[]
    paidAt: string | null
  }
  PaymentAllocated: { paymentId: string; amount: Sum; captured: boolean }
  ShipmentRecorded: FromSource & {
    orderId: string
    carrier: string | null
    service: string | null
    trackingNumber: string | null
    status: ShipmentStatusName
    carrierStatus: string | null
    origin: string | null
    labelCost: Sum | null
    shippingCredit: Sum | null
    shippedAt: string | null
    deliveredAt: string | null
    lines?: { externalId: string; quantity: number }[]
    originLocation?: PlaceRecorded
    labelStatus?: 'NONE' | 'PURCHASED' | 'FAILED'
    labelError?: string
    /** The words are personal: they tend to repeat the address. */
    hasAddressProblem?: boolean
    addressProblem?: string
    lastScanAt?: string
    /** What the buyer was charged for shipping it. */
    shippingCharged?: Sum
    creditFormula?: string
    creditInputs?: Record<string, unknown>
    /** The parcel's id with the carrier, when the marketplace made it known there. */
    carrierShipmentId?: string
    parcel?: ParcelRecorded
    /** Personal. */
    destination?: AddressRecorded
    /** Personal. */
    sender?: AddressRecorded
  }
  DisputeRecorded: FromSource & {
    orderId: string
    amount: Sum
    reason: string
    state: 'NEEDS_RESPONSE' | 'UNDER_REVIEW' | 'WON' | 'LOST' | 'CLOSED'
    disputeId: string | null
    evidenceDueAt: string | null
    openedAt: string
    /** When the provider said so, where it told us itself: what it said before counts no more. */
    reportedAt?: string
  }
  PayoutRecorded: FromSource & {
    organizationId: string
    amount: Sum
    status: 'PENDING' | 'IN_TRANSIT' | 'PAID' | 'FAILED' | 'CANCELED'
    payoutId: string | null
    arrivalAt: string | null
  }
  RefundIssued: {
    refundId: string
    amount: Sum
    remaining: Sum
    approvalId: string | null
    /** From which payments it goes back; together they are the amount. Absent before shares were kept. */
    shares?: RefundShare[]
    /** What of it is for lines, when it was given by lines. */
    lines?: { lineId: string; quantity: number }[]
    /** How much of it is for shipping. */
    shipping?: Sum
    /** How much of it is for tax, when it was given by lines or shipping: each part is then taken back where it lies. */
    tax?: Sum
    claimId?: string | null
    /** The workflow that issued it, and for whom: whose limits it counts against. */
    workflowId?: string | null
  }
  OrderCanceled: { refundable: Sum; workflowId?: string | null }
  OrderLinesCanceled: { lines: { lineId: string; quantity: number }[]; value: Sum }
  /** The provider took a share of a refund on; it will say later what became of it. */
  RefundSubmitted: { refundId: string; paymentId: string; providerRefundId: string }
  RefundSettled: { refundId: string; paymentId: string; providerRefundId: string | null; settledAt: string }
  RefundFailed: {
    refundId: string
    paymentId: string
    code: string
    message: string
    attempts: number
    /** The refund at the provider that failed, if there is one. */
    providerRefundId?: string | null
  }
  RefundRetried: { refundId: string; paymentId: string; attempt: number }
  /** A card holder's bank took money back, or gave it again. */
  ChargebackRecorded: {
    disputeId: string
    amount: Sum
    state: 'NEEDS_RESPONSE' | 'UNDER_REVIEW' | 'WON' | 'LOST' | 'CLOSED'
  }
  /** Something that a payment provider told by webhook, checked against its signature; handled by a reaction. */
  ProviderEventReceived: {
    provider: 'stripe'
    providerEventId: string
    type: string
    createdAt: string
    /** The object it speaks of, as far as it is needed. */
    object: Record<string, unknown>
  }
}

/** A payment's share of a refund. */
export interface RefundShare {
  paymentId: string
  amount: Sum
}

export const ORDER_EVENTS = {
  CheckoutRecorded: 'The marketplace recorded a checkout, or recorded it anew.',
  OrderRecorded: "The marketplace recorded one seller's order of a checkout.",
  PaymentRecorded: 'The marketplace recorded a payment and how it is split over orders.',
  PaymentAllocated: "A payment's share of an order was recorded.",
  ShipmentRecorded: 'The marketplace recorded a shipment, or a new state of it.',
  DisputeRecorded: 'The marketplace recorded a dispute or chargeback.',
  PayoutRecorded: 'The marketplace recorded a payout to a seller.',
  RefundIssued: 'The buyer was given money back.',
  OrderCanceled: 'The order was called off before anything left.',
  OrderLinesCanceled: 'Some lines of an order were called off before anything left.',
  RefundSubmitted: 'The payment provider took a refund on.',
  RefundSettled: 'The payment provider gave the money back.',
  RefundFailed: 'The payment provider could not give the money back; somebody has to look.',
  RefundRetried: 'A failed refund is sent once more.',
  ChargebackRecorded: "A card holder's bank took money back, or what became of that.",
  ProviderEventReceived: 'A payment provider told us something.',
} satisfies Record<keyof OrderEvents, string>
