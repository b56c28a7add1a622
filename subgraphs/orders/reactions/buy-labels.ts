import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { ShippingEvents } from '#shared/events/shipping.js'
import { type Calling, type Reacting, reaction } from '#shared/reaction.js'
import type { Bought, Failed, LabelSeller, Prepared } from '../carriers/carrier.js'
import { configuredCarrier } from '../carriers/index.js'
import { type KnownParcel, readParcel } from '../carriers/known-parcel.js'

/** So often a carrier that does not answer is asked, over an hour and three quarters; then a person decides. */
const PATIENCE = 7

const UNAVAILABLE: Failed = {
  outcome: 'FAILED',
  code: 'CARRIER_UNAVAILABLE',
  message:
    'The carrier did not say what became of it. Another try first looks whether there is a label, and takes it.',
  cause: 'OTHER',
  carrierMessage: null,
}

const CANCELED: Failed = {
  outcome: 'FAILED',
  code: 'ORDER_CANCELED',
  message: 'The order was called off before the label was bought.',
  cause: 'OTHER',
  carrierMessage: null,
}

/** The parcel, if this very try is still under way; null when the job has nothing left to do. */
async function underWay(
  db: EntityManager,
  { stream, data }: StoredEvent,
): Promise<(KnownParcel & { isCanceled: boolean }) | null> {
  const parcel = await readParcel(db, stream.id)
  const purchase = parcel?.state.purchase
  if (!parcel || purchase?.state !== 'PENDING' || purchase.attempt !== data.attempt) return null
  const [order] = await db.query('select status from orders."order" where id = $1', [parcel.state.orderId])
  return { ...parcel, isCanceled: order?.status === 'CANCELED' }
}

/** Whoever began to buy a label has to end it: another one knows nothing of what was bought. */
function sellerOf(
  { state: { purchase } }: KnownParcel,
  { services }: Pick<Calling, 'services'>,
): LabelSeller {
  const { name, labels } = configuredCarrier(services)
  if (!labels || name !== purchase.by)
    throw new Error(`this label is being bought by ${purchase.by}, and CARRIER is ${name}`)
  return labels
}

/** What is undetermined is asked again later, and in the end left to a person. */
async function patiently<T>(attempt: number, ask: () => Promise<T>): Promise<T | Failed> {
  try {
    return await ask()
  } catch (error) {
    if (attempt < PATIENCE) throw error
    return UNAVAILABLE
  }
}

const failing = (
  { event, tx, act }: Pick<Reacting<Act>, 'event' | 'tx' | 'act'>,
  { code, message, cause, carrierMessage }: Failed,
) =>
  act(
    'failLabelPurchase',
    {
      shipmentId: event.stream.id,
      attempt: event.data.attempt,
      code,
      message,
      isAddress: cause === 'ADDRESS',
      carrierMessage,
    },
    { tx, event },
  )

/**
 * E46, the first half: the carrier gets to know the parcel, and what it calls it is written down. Nothing is bought, so that doing it
 * twice leaves at most a parcel that nobody pays for.
 */
export const prepareLabels = reaction<Act, Prepared | Failed | null>({
  name: 'prepareLabels',
  on: ['LabelPurchaseRetried'],
  when: ({ data, occurredAt }) => (data.carrier === 'manual' ? null : occurredAt),
  async call(calling: Calling) {
    const { event, db, attempt, signal } = calling
    const parcel = await underWay(db, event)
    if (!parcel || parcel.state.purchase.prepared) return null
    if (parcel.isCanceled) return CANCELED
    const { attempt: purchase, service } = event.data as ShippingEvents['LabelPurchaseRetried']
    const reference = `${parcel.id}-${purchase}`
    return patiently(attempt, async () =>
      sellerOf(parcel, calling).prepare({ parcel, reference, service }, signal),
    )
  },
  async run({ event, tx, act, answer }) {
    if (!answer) return
    if (answer.outcome === 'FAILED') {
      await failing({ event, tx, act }, answer)
      return
    }
    const { carrierShipmentId, rateId } = answer
    const input = { shipmentId: event.stream.id, attempt: event.data.attempt, carrierShipmentId, rateId }
    await act('prepareLabelPurchase', input, { tx, event })
  },
})

/** A called-off order gets no label any more, but one that is there is written down. */
async function buy(parcel: KnownParcel & { isCanceled: boolean }, prepared: Prepared, calling: Calling) {
  const { signal } = calling
  const seller = sellerOf(parcel, calling)
  if (!parcel.isCanceled) return seller.buy(prepared, signal)
  const answer = await seller.buy({ ...prepared, rateId: null }, signal)
  return answer.outcome === 'FAILED' ? CANCELED : answer
}

/** E46, the second half: that one carrier shipment is bought, which carriers do once however often they are asked. */
export const buyLabels = reaction<Act, Bought | Failed | null>({
  name: 'buyLabels',
  on: ['LabelPurchasePrepared'],
  async call(calling: Calling) {
    const { event, db, attempt } = calling
    const parcel = await underWay(db, event)
    if (!parcel) return null
    const { carrierShipmentId, rateId } = event.data as ShippingEvents['LabelPurchasePrepared']
    const prepared: Prepared = { outcome: 'PREPARED', carrierShipmentId, rateId }
    return patiently(attempt, () => buy(parcel, prepared, calling))
  },
  async run({ event, tx, act, answer }) {
    if (!answer) return
    if (answer.outcome === 'FAILED') {
      await failing({ event, tx, act }, answer)
      return
    }
    const { outcome: _, ...label } = answer
    const input = { shipmentId: event.stream.id, attempt: event.data.attempt, ...label }
    await act('completeLabelPurchase', input, { tx, event })
  },
})
