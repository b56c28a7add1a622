import type { EntityManager } from 'typeorm'
import type { StoredEvent } from '#shared/event.js'
import type { LedgerEvents } from '#shared/events/ledger.js'
import { sum } from '#shared/money.js'
import type { Also, Change, View } from '#shared/view.js'
import type { OrderState } from '../order.js'
import { LedgerAdjustment } from '../views/ledger-adjustment.js'
import { LedgerEntry } from '../views/ledger-entry.js'
import { LedgerTransaction } from '../views/ledger-transaction.js'
import { Order } from '../views/order.js'
import { Payout } from '../views/payout.js'
import { Shipment } from '../views/shipment.js'
import {
  difference,
  type Line,
  line,
  orderPostings,
  type Posting,
  payoutStanding,
  shipmentStanding,
} from './postings.js'

/** What one event leaves in the ledger. */
interface Posted {
  event: StoredEvent
  postings: Posting[]
}

interface Rows {
  transactions: LedgerTransaction[]
  entries: LedgerEntry[]
}

/** Sorts by the event and says which one it was; the same whenever the log is folded anew. */
const idOf = (prefix: string, { id }: StoredEvent, ...places: number[]): string =>
  [`${prefix}_${String(id).padStart(12, '0')}`, ...places].join('_')

/** The rows of what was posted, named after their event. */
export function rowsOf(all: readonly Posted[]): Rows {
  const rows: Rows = { transactions: [], entries: [] }
  for (const { event, postings } of all)
    for (const [at, { kind, orderId, lines }] of postings.entries()) {
      const { version, occurredAt } = event
      const base = { version, createdAt: occurredAt, updatedAt: occurredAt, occurredAt, orderId }
      const transactionId = idOf('ltx', event, at + 1)
      const adjustmentId = event.type === 'LedgerAdjusted' ? event.stream.id : null
      const eventId = `evt_${event.id}`
      const header = { ...base, id: transactionId, kind, eventId, adjustmentId, entryCount: lines.length }
      rows.transactions.push(header as LedgerTransaction)
      for (const [index, { amount, currency, ...about }] of lines.entries()) {
        const position = index + 1
        const id = idOf('len', event, at + 1, position)
        const side = amount > 0 ? 'DEBIT' : 'CREDIT'
        const size = sum(Math.abs(amount), currency)
        rows.entries.push({
          ...base,
          ...about,
          id,
          transactionId,
          position,
          side,
          amount: size,
        } as LedgerEntry)
      }
    }
  return rows
}

/** The ledger beside a view: transactions first, then their entries, from one reckoning. */
function ledger<S, T>(
  posted: (changes: readonly Change<S, T>[], tx: EntityManager) => Promise<Posted[]>,
): Also<S, T>[] {
  const reckoned = new WeakMap<readonly Change<S, T>[], Promise<Rows>>()
  const reckon = (changes: readonly Change<S, T>[], tx: EntityManager): Promise<Rows> => {
    const rows = reckoned.get(changes) ?? posted(changes, tx).then(rowsOf)
    reckoned.set(changes, rows)
    return rows
  }
  return [
    { type: LedgerTransaction, rows: async (changes, tx) => (await reckon(changes, tx)).transactions },
    { type: LedgerEntry, rows: async (changes, tx) => (await reckon(changes, tx)).entries },
  ]
}

type Held = Map<string, Line[]>

/** What was posted for parcels or payouts so far, by their id and the kind of transaction. */
async function heldOf(
  tx: EntityManager,
  of: 'shipment_id' | 'payout_id',
  ids: readonly string[],
): Promise<Held> {
  const rows: (Pick<Line, 'account' | 'currency' | 'organizationId'> & {
    about: string
    kind: string
    minor: string
  })[] = await tx.query(
    `select e.${of} as about, t.kind, e.account, e.currency, e.organization_id as "organizationId", sum(e.minor) as minor
       from orders.ledger_entry e join orders.ledger_transaction t on t.id = e.transaction_id
       where e.${of} = any($1) group by 1, 2, 3, 4, 5 having sum(e.minor) <> 0`,
    [ids],
  )
  const held: Held = new Map()
  const key = of === 'shipment_id' ? 'shipmentId' : 'payoutId'
  for (const { about, kind, account, currency, organizationId, minor } of rows) {
    const one = line(account, Number(minor), currency, { organizationId, [key]: about })
    held.set(`${about}/${kind}`, [...(held.get(`${about}/${kind}`) ?? []), one])
  }
  return held
}

/** Posts what is missing from what was posted so far, and keeps it in mind for the next event of the batch. */
function settle(
  held: Held,
  id: string,
  kind: Posting['kind'],
  orderId: string | null,
  target: Line[],
): Posting[] {
  const key = `${id}/${kind}`
  const lines = difference(held.get(key) ?? [], target)
  held.set(key, target)
  return lines.length ? [{ kind, orderId, lines }] : []
}

const sellersOf = async (
  tx: EntityManager,
  orderIds: readonly string[],
): Promise<Map<string, string | null>> => {
  const rows: { id: string; seller_id: string | null }[] = await tx.query(
    'select id, seller_id from orders."order" where id = any($1)',
    [[...new Set(orderIds)]],
  )
  return new Map(rows.map(row => [row.id, row.seller_id]))
}

/** What sellers are credited for shipping, and what labels cost: a parcel recorded anew posts the difference. */
const shipmentLedger = ledger<unknown, Shipment>(async (changes, tx) => {
  const worth = changes.filter(({ event, row }) => event.version > 1 || row.shippingCredit || row.labelCost)
  if (worth.length === 0) return []
  const sellers = await sellersOf(
    tx,
    worth.map(({ row }) => row.orderId),
  )
  const held = await heldOf(
    tx,
    'shipment_id',
    worth.map(({ row }) => row.id),
  )
  return worth.map(({ event, row: { id, orderId, shippingCredit, labelCost } }) => {
    const sellerId = sellers.get(orderId) ?? null
    const target = shipmentStanding({ id, sellerId, shippingCredit, labelCost })
    return {
      event,
      postings: [
        ...settle(held, id, 'SHIPPING_CREDIT', orderId, target.SHIPPING_CREDIT),
        ...settle(held, id, 'LABEL', orderId, target.LABEL),
      ],
    }
  })
})

/** What sellers were paid out: sent, or come back. */
const payoutLedger = ledger<unknown, Payout>(async (changes, tx) => {
  const held = await heldOf(
    tx,
    'payout_id',
    changes.map(({ row }) => row.id),
  )
  return changes.map(({ event, row }) => ({
    event,
    postings: settle(held, row.id, 'PAYOUT', null, payoutStanding(row)),
  }))
})

/** Corrections by hand. */
const adjustmentLedger = ledger<unknown, unknown>(async changes =>
  changes.map(({ event }) => {
    const { lines, orderId } = event.data as LedgerEvents['LedgerAdjusted']
    const posted = lines.map(({ account, organizationId, side, amount }) =>
      line(account, side === 'DEBIT' ? amount.amount : -amount.amount, amount.currency, { organizationId }),
    )
    return { event, postings: [{ kind: 'ADJUSTMENT', orderId, lines: posted }] }
  }),
)

/** Accounts of a parcel that are its seller's. */
const ITS_SELLERS: readonly Line['account'][] = ['SELLER_PAYABLE', 'SHIPPING_CREDIT', 'LABEL_COST']

/** What was posted for parcels of orders that turn out to be another seller's goes to that one. */
async function handOver(
  tx: EntityManager,
  moved: readonly Change<OrderState>[],
): Promise<(change: Change<OrderState>) => Posting[]> {
  if (moved.length === 0) return () => []
  const rows: { orderId: string; id: string }[] = await tx.query(
    `select distinct order_id as "orderId", shipment_id as id from orders.ledger_entry
     where order_id = any($1) and shipment_id is not null order by 2`,
    [moved.map(({ event }) => event.stream.id)],
  )
  const held = await heldOf(
    tx,
    'shipment_id',
    rows.map(({ id }) => id),
  )
  const given = (lines: Line[], organizationId: string | null) =>
    lines.map(one => (ITS_SELLERS.includes(one.account) ? { ...one, organizationId } : one))
  return ({ event: { stream }, after }) =>
    rows
      .filter(({ orderId }) => orderId === stream.id)
      .flatMap(({ id }) =>
        (['SHIPPING_CREDIT', 'LABEL'] as const).flatMap(kind =>
          settle(held, id, kind, stream.id, given(held.get(`${id}/${kind}`) ?? [], after.sellerId)),
        ),
      )
}

/** Payments, refunds and chargebacks of orders. */
const orderLedger = ledger<OrderState, unknown>(async (changes, tx) => {
  const moved = changes.filter(({ before, after }) => before.status && before.sellerId !== after.sellerId)
  const handedOver = await handOver(tx, moved)
  return changes.map(change => {
    const { event, before, after } = change
    const { refundId, disputeId, claimId } = event.data
    const own = orderPostings({ orderId: event.stream.id, refundId, disputeId, claimId }, before, after)
    return { event, postings: moved.includes(change) ? [...own, ...handedOver(change)] : own }
  })
})

const POSTING: ReadonlyMap<unknown, View['also']> = new Map<unknown, View['also']>([
  [Order, orderLedger],
  [Shipment, shipmentLedger],
  [Payout, payoutLedger],
  [LedgerAdjustment, adjustmentLedger],
])

/** Views whose rows move money post: entries are written in the transaction of the event that they follow from. */
export const withLedger = (views: readonly View[]): View[] =>
  views.map(view => ({ ...view, also: [...view.also, ...(POSTING.get(view.type) ?? [])] }))
