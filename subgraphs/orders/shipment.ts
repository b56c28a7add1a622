import { aggregate } from '#shared/aggregate.js'
import { canonicalJson } from '#shared/canonical.js'
import type { OrderEvents, PlaceRecorded, ShipmentStatusName } from '#shared/events/orders.js'
import type { ShipmentIssueKind, ShippingEvents } from '#shared/events/shipping.js'
import type { Sum } from '#shared/money.js'

/** States in which a parcel has left the seller. */
export const LEFT: readonly ShipmentStatusName[] = [
  'IN_TRANSIT',
  'OUT_FOR_DELIVERY',
  'DELIVERED',
  'RETURNING',
  'RETURNED',
  'EXCEPTION',
  'LOST',
]

/** States in which a carrier should scan it every few days. */
export const MOVING: readonly ShipmentStatusName[] = [
  'IN_TRANSIT',
  'OUT_FOR_DELIVERY',
  'RETURNING',
  'EXCEPTION',
]

/** What is known of a parcel, from the marketplace, the carrier and people; whoever spoke last of a fact is believed. */
export interface ShipmentFacts {
  status: ShipmentStatusName
  carrier: string | null
  service: string | null
  trackingNumber: string | null
  carrierStatus: string | null
  origin: string | null
  originLocation: PlaceRecorded | null
  labelStatus: 'NONE' | 'PURCHASED' | 'FAILED' | null
  labelError: string | null
  labelCost: Sum | null
  shippingCredit: Sum | null
  hasAddressProblem: boolean
  lastScanAt: string | null
  shippedAt: string | null
  deliveredAt: string | null
}

/**
 * TO_DO: a person has to buy it and enter it. PENDING: on its way by itself; nobody may begin another.
 */
export type LabelState = 'NONE' | 'TO_DO' | 'PENDING' | 'PURCHASED' | 'FAILED'

/** What was tried to get a label. */
export interface LabelPurchaseState {
  state: LabelState
  /** Counts the tries; 0: none. */
  attempt: number
  /** Who buys: the name of a carrier adapter. */
  by: string | null
  service: string | null
  /** What the carrier calls the parcel of this try; null before it knows it. */
  prepared: { carrierShipmentId: string; rateId: string | null } | null
  code: string | null
}

/** What decisions about a shipment rest on. `orderId` null: there is no such shipment. */
export interface ShipmentState {
  orderId: string | null
  facts: ShipmentFacts
  /** What the marketplace said last: saying it again does not undo what happened here since. */
  recorded: Partial<ShipmentFacts>
  /** When something was last heard of it, ISO 8601. */
  seenAt: string | null
  purchase: LabelPurchaseState
  /** All that the carrier ever called it: before a label is bought, it is asked whether one of them has one. */
  carrierShipments: string[]
  /** Open ones, with what they rest on. */
  issues: Partial<Record<ShipmentIssueKind, Record<string, unknown>>>
  /** Claims, workflows and people who say that it never came. */
  reports: string[]
}

const UNKNOWN: ShipmentFacts = {
  status: 'PENDING',
  carrier: null,
  service: null,
  trackingNumber: null,
  carrierStatus: null,
  origin: null,
  originLocation: null,
  labelStatus: null,
  labelError: null,
  labelCost: null,
  shippingCredit: null,
  hasAddressProblem: false,
  lastScanAt: null,
  shippedAt: null,
  deliveredAt: null,
}

type Recorded = OrderEvents['ShipmentRecorded']

const factsOf = (data: Recorded): ShipmentFacts => ({
  status: data.status,
  carrier: data.carrier,
  service: data.service,
  trackingNumber: data.trackingNumber,
  carrierStatus: data.carrierStatus,
  origin: data.origin,
  originLocation: data.originLocation ?? null,
  labelStatus: data.labelStatus ?? null,
  labelError: data.labelError ?? null,
  labelCost: data.labelCost,
  shippingCredit: data.shippingCredit,
  hasAddressProblem: data.hasAddressProblem ?? false,
  lastScanAt: data.lastScanAt ?? null,
  shippedAt: data.shippedAt,
  deliveredAt: data.deliveredAt,
})

const same = (a: unknown, b: unknown): boolean =>
  a === b || canonicalJson(a ?? null) === canonicalJson(b ?? null)

/** Facts of which the marketplace says something new; what it only repeats stays as people and carriers left it. */
function merged({ facts, recorded }: ShipmentState, said: ShipmentFacts): ShipmentFacts {
  const keys = Object.keys(said) as (keyof ShipmentFacts)[]
  const news = keys.filter(key => !(key in recorded) || !same(said[key], recorded[key]))
  return { ...facts, ...Object.fromEntries(news.map(key => [key, said[key]])) }
}

const isNews = (before: ShipmentFacts, after: ShipmentFacts): boolean =>
  (['status', 'carrierStatus', 'lastScanAt'] as const).some(key => before[key] !== after[key])

/** When something was last heard of it: the scan if one is told of, otherwise when its status changed. */
function seen(state: ShipmentState, after: ShipmentFacts, at: Date): string | null {
  if (after.lastScanAt && after.lastScanAt !== state.facts.lastScanAt) return after.lastScanAt
  if (!isNews(state.facts, after)) return state.seenAt
  return state.orderId === null ? (after.shippedAt ?? at.toISOString()) : at.toISOString()
}

const including = (list: readonly string[], item: string | null | undefined): string[] =>
  item && !list.includes(item) ? [...list, item] : [...list]

const record = (state: ShipmentState, data: Recorded, at: Date): ShipmentState => {
  const said = factsOf(data)
  const facts = merged(state, said)
  return {
    ...state,
    orderId: data.orderId,
    facts,
    recorded: said,
    seenAt: seen(state, facts, at),
    carrierShipments: including(state.carrierShipments, data.carrierShipmentId),
  }
}

const purchased = (state: ShipmentState, data: ShippingEvents['LabelPurchased']): ShipmentState => ({
  ...state,
  purchase: { ...state.purchase, state: 'PURCHASED', attempt: data.attempt, code: null },
  carrierShipments: including(state.carrierShipments, data.carrierShipmentId),
  facts: {
    ...state.facts,
    carrier: data.carrier,
    service: data.service ?? state.facts.service,
    trackingNumber: data.trackingNumber ?? state.facts.trackingNumber,
    labelCost: data.cost ?? state.facts.labelCost,
    labelStatus: 'PURCHASED',
    labelError: null,
    hasAddressProblem: false,
    status: state.facts.status === 'PENDING' ? 'LABEL_CREATED' : state.facts.status,
  },
})

const failed = (state: ShipmentState, data: ShippingEvents['LabelPurchaseFailed']): ShipmentState => ({
  ...state,
  purchase: { ...state.purchase, state: 'FAILED', code: data.code },
  facts: {
    ...state.facts,
    labelError: data.message,
    hasAddressProblem: state.facts.hasAddressProblem || data.cause === 'ADDRESS',
  },
})

/** A tracking number that a person entered says that there is a label, whatever the marketplace last knew. */
const updated = (state: ShipmentState, after: Record<string, unknown>): ShipmentState => {
  const known = Object.keys(after).filter(key => key in UNKNOWN)
  const facts: ShipmentFacts = {
    ...state.facts,
    ...Object.fromEntries(known.map(key => [key, after[key]])),
  }
  const labelStatus = after.trackingNumber && facts.labelStatus !== 'PURCHASED' ? null : facts.labelStatus
  return { ...state, facts: { ...facts, labelStatus } }
}

const confirmed = (
  state: ShipmentState,
  data: ShippingEvents['CarrierStatusConfirmed'],
  at: Date,
): ShipmentState => {
  const facts: ShipmentFacts = {
    ...state.facts,
    status: data.status as ShipmentStatusName,
    carrierStatus: data.carrierStatus ?? state.facts.carrierStatus,
    lastScanAt: data.lastScanAt ?? state.facts.lastScanAt,
    deliveredAt: data.deliveredAt ?? state.facts.deliveredAt,
  }
  return { ...state, facts, seenAt: seen(state, facts, at) }
}

const without = <T extends object>(of: T, key: keyof T): T => {
  const { [key]: _, ...rest } = of
  return rest as T
}

/** A parcel of an order: what is known of it, its label, and what is wrong with it (E34, E41 to E47). */
export const shipment = aggregate<ShipmentState, OrderEvents & ShippingEvents>({
  type: 'Shipment',
  prefix: 'shp',
  initial: {
    orderId: null,
    facts: UNKNOWN,
    recorded: {},
    seenAt: null,
    purchase: { state: 'NONE', attempt: 0, by: null, service: null, prepared: null, code: null },
    carrierShipments: [],
    issues: {},
    reports: [],
  },
  evolve: {
    ShipmentRecorded: (state, data, { occurredAt }) => record(state, data, occurredAt),
    LabelPurchaseRetried: (state, { attempt, service, carrier }) => ({
      ...state,
      purchase: {
        state: carrier === 'manual' ? 'TO_DO' : 'PENDING',
        attempt,
        by: carrier,
        service,
        prepared: null,
        code: null,
      },
    }),
    LabelPurchasePrepared: (state, { carrierShipmentId, rateId }) => ({
      ...state,
      purchase: { ...state.purchase, prepared: { carrierShipmentId, rateId } },
      carrierShipments: including(state.carrierShipments, carrierShipmentId),
    }),
    LabelPurchased: purchased,
    LabelPurchaseFailed: failed,
    ShipmentMetadataUpdated: (state, { after }) => updated(state, after),
    CarrierStatusConfirmed: (state, data, { occurredAt }) => confirmed(state, data, occurredAt),
    ShipmentIssueDetected: (state, { kind, evidence }) => ({
      ...state,
      issues: { ...state.issues, [kind]: evidence },
    }),
    ShipmentIssueCleared: (state, { kind }) => ({ ...state, issues: without(state.issues, kind) }),
    NotReceivedReported: (state, { about }) => ({ ...state, reports: including(state.reports, about) }),
    NotReceivedSettled: (state, { about }) => ({
      ...state,
      reports: state.reports.filter(report => report !== about),
    }),
  },
})

/** Whether there is a label, and what became of the last try to get one. */
export function labelStateOf({ facts, purchase }: Pick<ShipmentState, 'facts' | 'purchase'>): LabelState {
  if (purchase.state === 'PENDING' || purchase.state === 'TO_DO') return purchase.state
  if (hasLabel(facts) || purchase.state === 'PURCHASED') return 'PURCHASED'
  return purchase.state === 'FAILED' || facts.labelStatus === 'FAILED' ? 'FAILED' : 'NONE'
}

function hasLabel({ status, labelStatus, trackingNumber, labelCost }: ShipmentFacts): boolean {
  if (labelStatus === 'PURCHASED' || LEFT.includes(status)) return true
  return labelStatus === null && (status !== 'PENDING' || trackingNumber !== null || labelCost !== null)
}
