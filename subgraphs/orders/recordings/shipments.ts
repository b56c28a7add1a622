import { InputType } from 'type-graphql'
import type { OrderEvents, PlaceRecorded } from '#shared/events/orders.js'
import { count, instant, json, money, oneOf, type Problem, part, parts, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { RecordInput, recording } from '#shared/record.js'
import { states } from '#shared/states.js'
import { statusOfWords } from '../carriers/status-words.js'
import { ShipmentStatus } from '../views/shipment.js'

export const RecordedLabelStatus = states('RecordedLabelStatus', 'What the marketplace knows of a label.', {
  NONE: 'None was bought.',
  PURCHASED: 'It was bought.',
  FAILED: 'It could not be bought.',
})

@InputType('LocationInput', { description: 'A place that something is sent from or to.' })
export class LocationInput {
  @text('Who or what is there.', { nullable: true })
  name?: string | null

  @text('Street and number.', { nullable: true })
  street?: string | null

  @text('Second line of the street.', { nullable: true })
  street2?: string | null

  @text('City.', { nullable: true })
  city?: string | null

  @text('State, province or region.', { nullable: true })
  region?: string | null

  @text('Postal code.', { nullable: true, max: 20 })
  postalCode?: string | null

  @text('ISO 3166-1 alpha-2 code of the country, e.g. US.', { nullable: true, min: 2, max: 2 })
  country?: string | null

  @text('A telephone number that the carrier may call.', { nullable: true, max: 40 })
  phone?: string | null
}

@InputType('ParcelInput', { description: 'Weight and size of a parcel.' })
export class ParcelInput {
  @count('Weight in grams.')
  weightGrams!: number

  @count('Length in millimetres.', { nullable: true })
  lengthMm?: number | null

  @count('Width in millimetres.', { nullable: true })
  widthMm?: number | null

  @count('Height in millimetres.', { nullable: true })
  heightMm?: number | null
}

@InputType('ShipmentLineInput', { description: 'What of an order line is in a parcel.' })
export class ShipmentLineInput {
  @text('External id of the order line.')
  externalId!: string

  @count('How many of it.', { default: 1 })
  quantity!: number
}

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

  @oneOf(
    ShipmentStatus,
    'Where it is; left out: what carrierStatus means, or PENDING when nothing is known of those words.',
    { nullable: true },
  )
  status?: OrderEvents['ShipmentRecorded']['status'] | null

  @text("What the carrier says, in the carrier's words.", { nullable: true })
  carrierStatus?: string | null

  @instant('When the carrier last scanned it (UTC).', { nullable: true })
  lastScanAt?: Date | null

  @text('Where it is sent from, in one line.', { nullable: true })
  origin?: string | null

  @part(() => LocationInput, 'Where it is sent from.', { nullable: true })
  originLocation?: LocationInput | null

  @part(() => LocationInput, 'Where it goes; needed to buy a label.', { nullable: true })
  destination?: LocationInput | null

  @part(() => ParcelInput, 'Weight and size; needed to buy a label.', { nullable: true })
  parcel?: ParcelInput | null

  @parts(() => ShipmentLineInput, 'What is in it.', { nullable: true, max: 500 })
  lines?: ShipmentLineInput[] | null

  @oneOf(RecordedLabelStatus, 'What is known of its label; left out: it follows from the rest.', {
    nullable: true,
  })
  labelStatus?: keyof typeof RecordedLabelStatus | null

  @text('Why the label could not be bought.', { nullable: true, max: 1000 })
  labelError?: string | null

  @text('What is wrong with the address it goes to.', { nullable: true, max: 1000 })
  addressProblem?: string | null

  @text("The parcel's id with the carrier's system, e.g. shp_… of EasyPost.", { nullable: true })
  carrierShipmentId?: string | null

  @money('What the label cost.', { nullable: true })
  labelCost?: Sum | null

  @money('What the seller was credited for shipping.', { nullable: true })
  shippingCredit?: Sum | null

  @money('What the buyer was charged for shipping it.', { nullable: true })
  shippingCharged?: Sum | null

  @text('How the shipping credit was worked out, e.g. "charged - 15 %".', { nullable: true, max: 1000 })
  creditFormula?: string | null

  @json('What the shipping credit was worked out from: an object of names and values.', { nullable: true })
  creditInputs?: Record<string, unknown> | null

  @instant('When it left (UTC).', { nullable: true })
  shippedAt?: Date | null

  @instant('When it arrived (UTC).', { nullable: true })
  deliveredAt?: Date | null
}

/** What was given, without what was not. */
const given = <T extends object>(of: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined && value !== null)) as never

/** A place without its door: what may stay in the log for ever. */
export const placeOf = ({ name, city, region, postalCode, country }: LocationInput): PlaceRecorded =>
  given({ name, city, region, postalCode, country: country?.toUpperCase() })

export const addressOf = (location: LocationInput) =>
  given({ ...location, country: location.country?.toUpperCase() })

const isEmpty = (of: object) => Object.keys(of).length === 0

function personalOf({ destination, originLocation, addressProblem }: ShipmentRecordInput): object {
  const { street, street2, phone } = originLocation ?? {}
  const sender = given({ street, street2, phone })
  return {
    ...(destination && { destination: addressOf(destination) }),
    ...(!isEmpty(sender) && { sender }),
    ...(addressProblem && { addressProblem }),
  }
}

const problemsOf = ({ creditInputs, parcel, lines }: ShipmentRecordInput): Problem[] => {
  const problems: Problem[] = []
  if (creditInputs && (typeof creditInputs !== 'object' || Array.isArray(creditInputs)))
    problems.push({ field: 'creditInputs', message: 'has to be an object of names and values' })
  if (creditInputs && JSON.stringify(creditInputs).length > 10_000)
    problems.push({ field: 'creditInputs', message: 'has more than 10000 characters' })
  if (parcel?.weightGrams === 0)
    problems.push({ field: 'parcel.weightGrams', message: 'has to be more than nothing' })
  const bad = lines?.findIndex(({ quantity }) => quantity < 1) ?? -1
  if (bad >= 0) problems.push({ field: `lines.${bad}.quantity`, message: 'has to be more than nothing' })
  return problems
}

/** What is new since shipments were first recorded stays out when it is not given, so that what was sent before stays unchanged. */
const additions = (record: ShipmentRecordInput) =>
  given({
    lines: record.lines?.map(({ externalId, quantity }) => ({ externalId, quantity })),
    originLocation: record.originLocation && placeOf(record.originLocation),
    labelStatus: record.labelStatus,
    labelError: record.labelError,
    hasAddressProblem: record.addressProblem ? true : undefined,
    lastScanAt: record.lastScanAt?.toISOString(),
    shippingCharged: record.shippingCharged,
    creditFormula: record.creditFormula,
    creditInputs: record.creditInputs,
    carrierShipmentId: record.carrierShipmentId,
    parcel: record.parcel && given(record.parcel),
  }) as Partial<OrderEvents['ShipmentRecorded']>

/** E34, E36, E41: parcels, their labels and shipping credits. */
export const recordShipments = recording({
  name: 'recordShipments',
  plural: 'shipments',
  description: 'Takes shipments in, of orders that were recorded before.',
  record: ShipmentRecordInput,
  check: problemsOf,
  emits: ['ShipmentRecorded'],
  requires: ({ order }, id) => [{ field: 'order', stream: { type: 'Order', id: id('ord', order) } }],
  streams(record, id) {
    const { carrier = null, carrierStatus = null } = record
    const orderId = id('ord', record.order)
    const data: OrderEvents['ShipmentRecorded'] = {
      source: record.source,
      externalId: record.externalId,
      orderId,
      carrier,
      service: record.service ?? null,
      trackingNumber: record.trackingNumber ?? null,
      status: record.status ?? statusOfWords(carrier, carrierStatus) ?? 'PENDING',
      carrierStatus,
      origin: record.origin ?? null,
      labelCost: record.labelCost ?? null,
      shippingCredit: record.shippingCredit ?? null,
      shippedAt: record.shippedAt?.toISOString() ?? null,
      deliveredAt: record.deliveredAt?.toISOString() ?? null,
      ...additions(record),
    }
    const personal = personalOf(record)
    return [
      {
        stream: { type: 'Shipment', id: id('shp', record.externalId) },
        event: {
          type: 'ShipmentRecorded',
          data,
          refs: [orderId],
          ...(!isEmpty(personal) && { personal }),
        },
      },
    ]
  },
})
