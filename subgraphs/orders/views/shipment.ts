import { GraphQLString } from 'graphql'
import { Extensions, ObjectType } from 'type-graphql'
import { RecordedRow } from '#shared/entity.js'
import type {
  AddressRecorded,
  OrderEvents,
  ParcelRecorded,
  PlaceRecorded,
  ShipmentStatusName,
} from '#shared/events/orders.js'
import type { ShippingEvents } from '#shared/events/shipping.js'
import {
  count,
  entity,
  flag,
  instant,
  json,
  money,
  oneOf,
  part,
  parts,
  ref,
  several,
  text,
} from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { minus, type Sum } from '#shared/money.js'
import type { Access } from '#shared/permissions.js'
import { READERS, Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Happened, type Patch, view } from '#shared/view.js'
import { type LabelState, labelStateOf, type ShipmentState, shipment } from '../shipment.js'
import { Order } from './order.js'

export { LEFT } from '../shipment.js'

export const ShipmentStatus = states('ShipmentStatus', 'Where a parcel is, whoever carries it.', {
  PENDING: 'Nothing happened yet.',
  LABEL_CREATED: 'A label was bought; nothing was handed over.',
  IN_TRANSIT: 'Handed over, on its way.',
  OUT_FOR_DELIVERY: 'Comes today, or waits to be picked up.',
  DELIVERED: 'Arrived, says the carrier.',
  RETURNING: 'On its way back.',
  RETURNED: 'Went back.',
  EXCEPTION: 'The carrier has trouble with it: damaged, refused, no such address, held.',
  LOST: 'The carrier gave it up.',
})

export const LabelPurchaseState = states('LabelPurchaseState', 'Whether a parcel has a label.', {
  NONE: 'None, and nobody tried to buy one.',
  TO_DO: 'A person has to buy it and enter it with recordLabelPurchase.',
  PENDING: 'One is being bought; nobody may begin another.',
  PURCHASED: 'There is one.',
  FAILED: 'It could not be bought; retryLabelPurchase tries again.',
})

/** Who sees where people live. */
export const ADDRESS_READERS: readonly Access[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
  Role.SUPER_ADMIN,
  'read:all',
]

@ObjectType('Location', { description: 'A place that something is sent from or to.' })
@Extensions({ value: true })
export class Location {
  @text('Who or what is there.', { nullable: true })
  name?: string | null

  @text('Street and number; of senders never told.', { nullable: true })
  street?: string | null

  @text('Second line of the street.', { nullable: true })
  street2?: string | null

  @text('City.', { nullable: true })
  city?: string | null

  @text('State, province or region.', { nullable: true })
  region?: string | null

  @text('Postal code.', { nullable: true })
  postalCode?: string | null

  @text('ISO 3166-1 alpha-2 code of the country.', { nullable: true })
  country?: string | null
}

@ObjectType('Label', { description: 'A label that was bought for a parcel.' })
@Extensions({ value: true })
export class Label {
  @money('What it cost.', { nullable: true })
  cost!: Sum | null

  @text('Who carries it.', { nullable: true })
  carrier!: string | null

  @text("The carrier's service.", { nullable: true })
  service!: string | null

  @text("The carrier's tracking number.", { nullable: true })
  trackingNumber!: string | null

  @instant('When it was bought (UTC), as far as that is known.', { nullable: true })
  purchasedAt!: Date | string | null

  @text('Where it can be printed from.', { nullable: true })
  url!: string | null
}

@ObjectType('LabelPurchase', { description: 'What was tried to get a label.' })
@Extensions({ value: true })
export class LabelPurchase {
  @oneOf(LabelPurchaseState, 'Where it stands.')
  state!: LabelState

  @count('How often Opsgraph tried.')
  attempts!: number

  @text('Who buys it: manual, easypost; null before Opsgraph tried.', { nullable: true })
  by!: string | null

  @text('The service that was asked for; null: the cheapest fitting one.', { nullable: true })
  service!: string | null

  @text("Why it failed: the carrier's code.", { nullable: true })
  code!: string | null

  @text('Why it failed, for people.', { nullable: true })
  message!: string | null

  @text("What the carrier's system calls the parcel.", { nullable: true })
  carrierShipmentId!: string | null
}

@ObjectType('CarrierStatusCheck', { description: 'What the carrier answered when it was asked.' })
@Extensions({ value: true })
export class CarrierStatusCheck {
  @instant('When it was asked (UTC).')
  at!: Date | string

  @text('Who was asked.')
  carrier!: string

  @oneOf(ShipmentStatus, 'Where it is, in words that all carriers share.')
  status!: ShipmentStatusName

  @text("What the carrier said, in the carrier's words.", { nullable: true })
  carrierStatus!: string | null

  @instant('The last scan it knows of (UTC).', { nullable: true })
  lastScanAt!: Date | string | null

  @instant('When it was delivered (UTC), says the carrier.', { nullable: true })
  deliveredAt!: Date | string | null

  @json('What else the carrier said.')
  evidence!: Record<string, unknown>
}

/** So many answers of carriers stay on the row; the log has all. */
const CHECKS = 50

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

  @text('Where it is sent from, in one line.', { nullable: true })
  origin!: string | null

  @part(() => Location, 'Where it is sent from.', { nullable: true })
  originLocation!: PlaceRecorded | null

  @part(() => Location, 'Where it goes.', { only: ADDRESS_READERS })
  destination!: AddressRecorded | null

  @json('Where it is sent from, to the door.', { hidden: true, nullable: true })
  sender!: AddressRecorded | null

  @json('Weight and size.', { hidden: true, nullable: true })
  parcel!: ParcelRecorded | null

  @json('What is in it, by external ids of lines.', { hidden: true, nullable: true })
  contents!: { externalId: string; quantity: number }[] | null

  @money('What the label cost.', { nullable: true })
  labelCost!: Sum | null

  @money('What the seller was credited for shipping.', { nullable: true })
  shippingCredit!: Sum | null

  @money('What the buyer was charged for shipping it.', { nullable: true })
  shippingCharged!: Sum | null

  @text('How the shipping credit was worked out.', { hidden: true, nullable: true })
  creditFormula!: string | null

  @json('What the shipping credit was worked out from.', { hidden: true, nullable: true })
  creditInputs!: Record<string, unknown> | null

  @money('Shipping credit minus what the label cost: what the seller keeps, or lacks when negative.', {
    nullable: true,
  })
  variance!: Sum | null

  @part(() => Label, 'Its label; null while there is none.', { nullable: true })
  label!: Label | null

  @oneOf(LabelPurchaseState, 'Whether it has a label.')
  labelState!: LabelState

  @part(() => LabelPurchase, 'What was tried to get a label.', { nullable: true })
  labelPurchase!: LabelPurchase | null

  @flag('The address it goes to is wrong, or cannot be delivered to.')
  hasAddressProblem!: boolean

  @text('What is wrong with the address.', { only: ADDRESS_READERS })
  addressProblem!: string | null

  @instant('When the carrier last scanned it (UTC).', { nullable: true })
  lastScanAt!: Date | null

  @instant('When it left (UTC).', { nullable: true })
  shippedAt!: Date | null

  @instant('When it arrived (UTC).', { nullable: true })
  deliveredAt!: Date | null

  @parts(() => CarrierStatusCheck, 'What the carrier answered each time it was asked, newest first.', {
    nullable: true,
  })
  carrierStatusHistory!: CarrierStatusCheck[] | null

  @several(GraphQLString, 'Who says that it never came: claims, workflows, people.', {
    hidden: true,
    nullable: true,
  })
  reports!: string[] | null

  @count('Version of the event that last told of it being seen.', { hidden: true, nullable: true })
  seenVersion!: number | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: ShipmentState
}

const date = (text: string | null) => (text ? new Date(text) : null)

/** Credit minus cost; null where one is not known, or they are of two currencies. */
export const varianceOf = (credit: Sum | null, cost: Sum | null): Sum | null =>
  credit && cost && credit.currency === cost.currency ? minus(credit, cost) : null

const labelOf = (row: Shipment | null, state: ShipmentState, found: Partial<Label> = {}): Label | null => {
  if (labelStateOf(state) !== 'PURCHASED') return null
  const { labelCost, carrier, service, trackingNumber } = state.facts
  const { purchasedAt = null, url = null } = { ...row?.label, ...found }
  return { cost: labelCost, carrier, service, trackingNumber, purchasedAt, url }
}

const purchaseOf = ({ purchase, facts, ...state }: ShipmentState): LabelPurchase => {
  const labelState = labelStateOf({ purchase, facts })
  const isFailed = labelState === 'FAILED'
  return {
    state: labelState,
    attempts: purchase.attempt,
    by: purchase.by,
    service: purchase.service,
    code: isFailed ? purchase.code : null,
    message: isFailed ? facts.labelError : null,
    carrierShipmentId: purchase.prepared?.carrierShipmentId ?? state.carrierShipments.at(-1) ?? null,
  }
}

/** What of the row follows from the aggregate's state. */
const shown = (
  event: Happened<unknown>,
  row: Shipment | null,
  state: ShipmentState,
  found: Partial<Label> = {},
): Patch<Shipment> => {
  const { facts } = state
  return {
    status: facts.status,
    carrier: facts.carrier,
    service: facts.service,
    trackingNumber: facts.trackingNumber,
    carrierStatus: facts.carrierStatus,
    origin: facts.origin ?? lineOf(facts.originLocation),
    originLocation: facts.originLocation,
    labelCost: facts.labelCost,
    shippingCredit: facts.shippingCredit,
    variance: varianceOf(facts.shippingCredit, facts.labelCost),
    label: labelOf(row, state, found),
    labelState: labelStateOf(state),
    labelPurchase: purchaseOf(state),
    hasAddressProblem: facts.hasAddressProblem,
    addressProblem: facts.hasAddressProblem ? (row?.addressProblem ?? null) : null,
    lastScanAt: date(facts.lastScanAt),
    shippedAt: date(facts.shippedAt),
    deliveredAt: date(facts.deliveredAt),
    reports: state.reports,
    seenVersion: isSeen(row, state) ? event.version : (row?.seenVersion ?? null),
  }
}

const isSeen = (row: Shipment | null, { seenAt }: ShipmentState): boolean =>
  seenAt !== (row?.state?.seenAt ?? null)

const lineOf = (place: PlaceRecorded | null): string | null =>
  place ? [place.city, place.region, place.country].filter(Boolean).join(', ') || null : null

type Recorded = OrderEvents['ShipmentRecorded']

const recorded = (event: Happened<Recorded>, row: Shipment | null, state: ShipmentState): Patch<Shipment> => {
  const { data } = event
  const patch = shown(event, row, state)
  return {
    ...patch,
    source: data.source,
    externalId: data.externalId,
    orderId: data.orderId,
    contents: data.lines ?? null,
    shippingCharged: data.shippingCharged ?? null,
    creditFormula: data.creditFormula ?? null,
    creditInputs: data.creditInputs ?? null,
    parcel: data.parcel ?? row?.parcel ?? null,
    destination: newer(data.destination, row?.destination),
    sender: data.sender ?? row?.sender ?? null,
    addressProblem: patch.hasAddressProblem ? (data.addressProblem ?? row?.addressProblem ?? null) : null,
    carrierStatusHistory: row?.carrierStatusHistory ?? [],
  }
}

const newer = <T>(said: T | undefined, kept: T | null | undefined): T | null => said ?? kept ?? null

const checked = (
  event: Happened<ShippingEvents['CarrierStatusConfirmed']>,
  row: Shipment | null,
  state: ShipmentState,
): Patch<Shipment> => {
  const { carrier, status, carrierStatus, lastScanAt, deliveredAt, evidence } = event.data
  const check = {
    at: event.occurredAt,
    carrier,
    status: status as ShipmentStatusName,
    carrierStatus,
    lastScanAt,
    deliveredAt,
    evidence,
  }
  return {
    ...shown(event, row, state),
    carrierStatusHistory: [check, ...(row?.carrierStatusHistory ?? [])].slice(0, CHECKS),
  }
}

const updated = (
  event: Happened<ShippingEvents['ShipmentMetadataUpdated']>,
  row: Shipment | null,
  state: ShipmentState,
): Patch<Shipment> => {
  const { after, destinationAfter, addressProblem } = event.data
  const patch = shown(event, row, state)
  return {
    ...patch,
    parcel: (after.parcel as ParcelRecorded | undefined) ?? row?.parcel ?? null,
    destination: newer(destinationAfter, row?.destination),
    addressProblem: patch.hasAddressProblem ? (addressProblem ?? row?.addressProblem ?? null) : null,
  }
}

export const shipments = view(Shipment, {
  of: shipment,
  on: {
    ShipmentRecorded: recorded,
    LabelPurchaseRetried: shown,
    LabelPurchasePrepared: shown,
    LabelPurchased: (event, row, state) =>
      shown(event, row, state, { purchasedAt: event.occurredAt, url: event.data.labelUrl }),
    LabelPurchaseFailed: (event, row, state) => ({
      ...shown(event, row, state),
      ...(event.data.cause === 'ADDRESS' && {
        addressProblem: event.data.carrierMessage ?? event.data.message,
      }),
    }),
    ShipmentMetadataUpdated: updated,
    CarrierStatusRequested: shown,
    CarrierStatusConfirmed: checked,
    CarrierStatusNotConfirmed: shown,
    ShipmentIssueDetected: shown,
    ShipmentIssueCleared: shown,
    NotReceivedReported: shown,
    NotReceivedSettled: shown,
  },
})
