import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import { canonicalJson } from '#shared/canonical.js'
import type { StoredEvent } from '#shared/event.js'
import { policyValue } from '#shared/policies.js'
import { reaction } from '#shared/reaction.js'
import { type Change, changesOf, staleEvidence } from '../issues.js'
import { MOVING, type ShipmentState } from '../shipment.js'

const DAY = 86_400_000

async function stateOf(
  db: Pick<EntityManager, 'query'>,
  shipmentId: string,
): Promise<{ state: ShipmentState; seenVersion: number | null } | null> {
  const [row] = await db.query('select state, seen_version from orders.shipment where id = $1', [shipmentId])
  return row ? { state: row.state, seenVersion: row.seen_version } : null
}

const isOpenSo = (state: ShipmentState, change: Change): boolean => {
  const known = state.issues[change.kind]
  return (
    change.action === 'detectShipmentIssue' &&
    known !== undefined &&
    canonicalJson(known) === canonicalJson(change.evidence)
  )
}

/** The first that is heard of most parcels: nothing is wrong, and nothing was. It spares an import the look. */
const isHarmless = ({ type, version, data }: StoredEvent): boolean =>
  type === 'ShipmentRecorded' && version === 1 && data.labelStatus !== 'FAILED' && !data.hasAddressProblem

/** E42 to E45: whatever happens to a shipment, its issues follow. */
export const reviewShipments = reaction<Act>({
  name: 'reviewShipments',
  on: [
    'ShipmentRecorded',
    'LabelPurchased',
    'LabelPurchaseFailed',
    'ShipmentMetadataUpdated',
    'CarrierStatusConfirmed',
    'NotReceivedReported',
    'NotReceivedSettled',
  ],
  async when(event, db) {
    if (isHarmless(event)) return null
    const { stream, occurredAt } = event
    const known = await stateOf(db, stream.id)
    const changes = known ? changesOf(known.state).filter(change => !isOpenSo(known.state, change)) : []
    return changes.length ? occurredAt : null
  },
  async run({ event, tx, act }) {
    const known = await stateOf(tx, event.stream.id)
    for (const change of known ? changesOf(known.state) : []) {
      if (isOpenSo(known!.state, change)) continue
      const { action, ...what } = change
      await act(action, { shipmentId: event.stream.id, ...what }, { tx, event })
    }
  },
})

/** When tracking goes stale by what is known now; null when it cannot. */
async function staleAt(
  db: EntityManager,
  { facts, seenAt }: ShipmentState,
  now: Date,
): Promise<{ at: Date; days: number } | null> {
  if (!MOVING.includes(facts.status) || seenAt === null) return null
  const days = (await policyValue(db, 'shipping.trackingStaleDays', now)) as number
  return { at: new Date(Date.parse(seenAt) + days * DAY), days }
}

/** A later event that told of it has a timer of its own. */
const isSuperseded = (event: StoredEvent, seenVersion: number | null): boolean =>
  (seenVersion ?? 0) > event.version

/** E44: each time something is heard of a parcel on its way a timer is set; the last one tells when nothing more was heard. */
export const watchTracking = reaction<Act>({
  name: 'watchTracking',
  on: ['ShipmentRecorded', 'CarrierStatusConfirmed'],
  async when(event, db) {
    if (!MOVING.includes(event.data.status)) return null
    const known = await stateOf(db, event.stream.id)
    if (!known || isSuperseded(event, known.seenVersion)) return null
    return (await staleAt(db, known.state, event.occurredAt))?.at ?? null
  },
  async run({ event, tx, act, now }) {
    const known = await stateOf(tx, event.stream.id)
    if (!known || isSuperseded(event, known.seenVersion)) return
    const stale = await staleAt(tx, known.state, now)
    if (!stale || known.state.issues.TRACKING_STALE?.lastSeenAt === known.state.seenAt) return
    // The policy may have changed since the timer was set.
    if (stale.at > now) return { again: stale.at }
    const evidence = staleEvidence(known.state, stale.days)
    await act(
      'detectShipmentIssue',
      { shipmentId: event.stream.id, kind: 'TRACKING_STALE', evidence },
      { tx, event },
    )
  },
})
