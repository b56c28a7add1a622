import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { canonicalJson } from '#shared/canonical.js'
import { given, part, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { type KnownParcel, readParcel } from '../carriers/known-parcel.js'
import { addressOf, LocationInput, ParcelInput, placeOf } from '../recordings/shipments.js'
import { type ShipmentState, shipment } from '../shipment.js'
import { requireShipment, SHIPPERS } from '../shippers.js'
import { Shipment } from '../views/shipment.js'

@InputType('ShipmentPatchInput', {
  description: 'What to change: what is left out stays, what is null is taken away.',
})
export class ShipmentPatchInput {
  @text("The carrier's tracking number.", { nullable: true })
  trackingNumber?: string | null

  @text('Who carries it.', { nullable: true })
  carrier?: string | null

  @text("The carrier's service.", { nullable: true })
  service?: string | null

  @text('Where it is sent from, in one line.', { nullable: true })
  origin?: string | null

  @part(() => LocationInput, 'Where it is sent from.', { nullable: true })
  originLocation?: LocationInput | null

  @part(() => LocationInput, 'Where it goes. A new address is taken to be right.', { nullable: true })
  destination?: LocationInput | null

  @part(() => ParcelInput, 'Weight and size.', { nullable: true })
  parcel?: ParcelInput | null

  @text('What is wrong with the address it goes to; null: nothing.', { nullable: true, max: 1000 })
  addressProblem?: string | null
}

@InputType('UpdateShipmentMetadataInput', { description: 'What is known better of a parcel.' })
export class UpdateShipmentMetadataInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string

  @part(() => ShipmentPatchInput, 'What to change.')
  patch!: ShipmentPatchInput
}

const TEXTS = ['trackingNumber', 'carrier', 'service', 'origin'] as const

/** What the patch says, by the names that the shipment has for it. */
function wanted(patch: ShipmentPatchInput): Record<string, unknown> {
  const texts = TEXTS.filter(name => patch[name] !== undefined).map(name => [name, patch[name]])
  const { originLocation, parcel, destination, addressProblem } = patch
  const isAddressSaid = addressProblem !== undefined || destination
  return {
    ...Object.fromEntries(texts),
    ...(originLocation !== undefined && { originLocation: originLocation && placeOf(originLocation) }),
    ...(parcel && { parcel: JSON.parse(JSON.stringify(parcel)) }),
    ...(isAddressSaid && { hasAddressProblem: Boolean(addressProblem) }),
  }
}

const today = (state: ShipmentState, known: KnownParcel | null): Record<string, unknown> => ({
  ...state.facts,
  parcel: known?.parcel ?? null,
})

const differs = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) !== canonicalJson(b ?? null)

/** E47: what was, and what is instead, stay in the event. */
export const updateShipmentMetadata = action({
  name: 'updateShipmentMetadata',
  description: 'Corrects what is known of a parcel; what was known before stays in the trail.',
  input: UpdateShipmentMetadataInput,
  risk: 'SENSITIVE',
  reasons: {
    WRONG_TRACKING: 'The tracking number was wrong or missing.',
    WRONG_ADDRESS: 'The address was wrong.',
    WRONG_CARRIER: 'Carrier or service were wrong.',
    WRONG_ORIGIN: 'It is sent from elsewhere.',
    SELLER_REQUEST: 'The seller says so.',
    BUYER_REQUEST: 'The buyer says so.',
  },

  on: shipment,
  target: input => input.shipmentId,
  prepare: ({ shipmentId }, tx: EntityManager) => readParcel(tx, shipmentId),

  allow: SHIPPERS,

  decide(state, { patch }, { read: known }) {
    requireShipment(state)
    if (patch.parcel?.weightGrams === 0)
      refuse('NOT_POSITIVE', 'A parcel weighs something.', 'patch.parcel.weightGrams')
    const now = today(state, known)
    const after = Object.fromEntries(
      Object.entries(wanted(patch)).filter(([key, value]) => differs(now[key], value)),
    )
    const destination = patch.destination && addressOf(patch.destination)
    const isMoved = Boolean(destination) && differs(known?.destination, destination)
    if (Object.keys(after).length === 0 && !isMoved) refuse('INVALID', 'Nothing of it would change.', 'patch')
    const before = Object.fromEntries(Object.keys(after).map(key => [key, now[key] ?? null]))
    return {
      type: 'ShipmentMetadataUpdated',
      data: { before, after },
      personal: {
        ...(isMoved && { destinationBefore: known?.destination ?? null, destinationAfter: destination }),
        ...(patch.addressProblem && { addressProblem: patch.addressProblem }),
      },
      refs: [state.orderId],
    }
  },

  emits: ['ShipmentMetadataUpdated'],
  returns: { shipment: Shipment },
})
