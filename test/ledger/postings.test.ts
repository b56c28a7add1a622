import { describe, expect, test } from '@jest/globals'
import { sum } from '#shared/money.js'
import { weightsOf } from '#subgraphs/orders/booking.js'
import {
  difference,
  type Line,
  orderPostings,
  type Posting,
  payoutStanding,
  shipmentStanding,
  standing,
} from '#subgraphs/orders/ledger/postings.js'
import { order } from '#subgraphs/orders/order.js'
import { Random } from '../../cli/demo/random.js'
import { ABOUT, history, ORDER, type Step } from './histories.js'

const SEED = process.env.LEDGER_SEED ?? String(Date.now())
const HISTORIES = 2_000

const postingsOf = ({ data, before, after }: Pick<Step, 'data' | 'before' | 'after'>): Posting[] =>
  orderPostings({ orderId: ORDER, ...data }, before, after)

const made = (chargebacks: boolean) =>
  Array.from({ length: HISTORIES }, (_, n) => {
    const steps = history(new Random('ledger', SEED, n), { chargebacks })
    return { steps, postings: steps.map(postingsOf) }
  })
const histories = { with: made(true), without: made(false) }

/** Runs something over many histories; one that fails is named, so that it can be run again alone. */
function everyHistory(
  check: (steps: Step[], postings: Posting[][], n: number) => void,
  { chargebacks = true } = {},
): void {
  for (const [n, { steps, postings }] of histories[chargebacks ? 'with' : 'without'].entries())
    try {
      check(steps, postings, n)
    } catch (error) {
      throw new Error(`LEDGER_SEED=${SEED}, history ${n}: ${(error as Error).message}`)
    }
}

/** Sums by whatever of a line matters. */
function sums(lines: readonly Line[], by: (line: Line) => string): Record<string, number> {
  const found: Record<string, number> = {}
  for (const line of lines) found[by(line)] = (found[by(line)] ?? 0) + line.amount
  return Object.fromEntries(Object.entries(found).filter(([, amount]) => amount !== 0))
}

const account = ({ account, currency, organizationId, paymentId }: Line) =>
  [account, currency, organizationId, paymentId].join(' ')
const linesOf = (postings: readonly Posting[][]) => postings.flat().flatMap(({ lines }) => lines)
const same = (a: unknown, b: unknown, what: string) => {
  if (JSON.stringify(a) !== JSON.stringify(b))
    throw new Error(`${what}: ${JSON.stringify(a)} is not ${JSON.stringify(b)}`)
}
const must = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}
const sorted = (sums: Record<string, number>) => Object.entries(sums).sort()

describe(`random histories of orders (LEDGER_SEED=${SEED})`, () => {
  test('every transaction balances in each currency, with two entries at least and none of nothing', () => {
    let transactions = 0
    everyHistory((_, postings) => {
      for (const { kind, lines } of postings.flat()) {
        transactions++
        must(lines.length >= 2, `${kind} of ${lines.length} lines`)
        must(
          lines.every(({ amount }) => Number.isSafeInteger(amount) && amount !== 0),
          `${kind} of nothing`,
        )
        same(
          sums(lines, ({ currency }) => currency),
          {},
          kind,
        )
      }
    })
    expect(transactions).toBeGreaterThan(HISTORIES * 2)
  })

  test('every account is the fold of its events: what was posted adds up to where the money lies', () => {
    everyHistory((steps, postings) => {
      const is = Object.values(standing(steps.at(-1)!.after)).flat()
      same(sorted(sums(linesOf(postings), account)), sorted(sums(is, account)), 'accounts')
    })
  })

  test('nothing stays with the buyers’ funds: all that was taken is shared out, given back or lost', () => {
    everyHistory((_, postings) => {
      const funds = linesOf(postings).filter(line => line.account === 'BUYER_FUNDS')
      same(
        sums(funds, ({ currency }) => currency),
        {},
        'BUYER_FUNDS',
      )
    })
  })

  test('refunds never exceed what was captured, nor what was settled what was issued', () => {
    everyHistory((_, postings) => {
      let [captured, issued, settled] = [0, 0, 0]
      const on = (of: readonly Posting[], kind: string, name: string) =>
        of
          .filter(one => one.kind === kind)
          .flatMap(one => one.lines)
          .reduce((total, one) => total + (one.account === name ? one.amount : 0), 0)
      for (const step of postings) {
        captured += on(step, 'CAPTURE', 'PROVIDER_CLEARING')
        issued -= on(step, 'REFUND', 'REFUNDS')
        settled += on(step, 'SETTLEMENT', 'REFUNDS')
        must(issued <= captured, 'more refunded than captured')
        must(settled <= issued, 'more settled than issued')
      }
    })
  })

  test('what is shared out adds up to the payment, within one unit of the exact share', () => {
    everyHistory(([placed, paid], postings) => {
      const [{ amount }] = [paid!.data.amount]
      const captured = paid!.data.captured ? amount : 0
      const shared = postings[1]!.find(({ kind }) => kind === 'ALLOCATION')?.lines ?? []
      const parts = shared.filter(one => one.account !== 'BUYER_FUNDS')
      same(
        parts.reduce((total, one) => total - one.amount, 0),
        captured,
        'parts',
      )
      const weights = weightsOf(placed!.after)
      const whole = weights.seller + weights.fee + weights.tax + weights.shipping
      const exact = {
        SELLER_PAYABLE: weights.seller,
        PLATFORM_FEES: weights.fee,
        TAX_PAYABLE: weights.tax,
        SHIPPING_CREDIT: weights.shipping,
      }
      for (const [name, weight] of Object.entries(exact)) {
        const part = -(parts.find(one => one.account === name)?.amount ?? 0)
        must(Math.abs(part - (captured * weight) / whole) < 1, `${name} ${part}`)
      }
    })
  })

  test('a full refund takes every allocation back to nothing, however it was split before', () => {
    everyHistory(
      (steps, postings, n) => {
        const random = new Random('ledger', SEED, n, 'refunds')
        let state = steps.at(-1)!.after
        const more: Posting[][] = []
        for (let at = 1; state.refundable.amount > 0; at++) {
          const amount = sum(
            at > 4 ? state.refundable.amount : random.whole(1, state.refundable.amount),
            state.currency,
          )
          const data = { refundId: `rfd_last_${at}`, amount, shares: undefined }
          const after = order.evolve.RefundIssued!(state, data as never, ABOUT)
          more.push(postingsOf({ data, before: state, after }))
          state = after
        }
        const left = linesOf([...postings, ...more]).filter(
          one => !['PROVIDER_CLEARING', 'REFUNDS', 'BUYER_FUNDS'].includes(one.account),
        )
        same(sums(left, account), {}, 'left in the allocations')
      },
      { chargebacks: false },
    )
  })

  test('no allocation goes below nothing', () => {
    everyHistory(steps => {
      for (const { after } of steps)
        for (const parts of Object.values(after.booked))
          must(
            Object.values(parts).every(part => part >= 0),
            JSON.stringify(parts),
          )
    })
  })

  test('a replay posts the same, in whatever order a database keeps keys', () => {
    const shuffled = (value: unknown): unknown =>
      value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, shuffled(inner)]),
          )
        : value
    everyHistory((steps, _, n) => {
      if (n % 4) return
      for (const step of steps) {
        const { before, after } = step
        const again = { ...step, before: shuffled(before) as never, after: shuffled(after) as never }
        same(
          postingsOf(again).map(({ kind, lines }) => [kind, lines.map(line => [account(line), line.amount])]),
          postingsOf(step).map(({ kind, lines }) => [kind, lines.map(line => [account(line), line.amount])]),
          step.type,
        )
      }
    })
  })
})

describe('what happens to an order posts', () => {
  const recorded = history(new Random('one')).at(0)!.data
  const usd = (amount: number) => sum(amount, 'USD')
  const placed = {
    ...recorded,
    sellerId: 'org_1',
    lines: [{ ...recorded.lines[0], quantity: 1, unitPrice: usd(80_00) }],
    fee: usd(8_00),
    tax: usd(5_00),
    shipping: usd(15_00),
    total: usd(100_00),
  }

  /** Each event's transactions, as `KIND ACCOUNT amount, …`. */
  function posted(...events: [type: string, data: object][]): string[][] {
    let state = order.initial
    return events.map(([type, data]) => {
      const before = state
      state = order.evolve[type as 'OrderRecorded']!(state, data as never, ABOUT)
      return postingsOf({ data, before, after: state }).map(
        ({ kind, lines }) => `${kind} ${lines.map(one => `${one.account} ${one.amount}`).join(', ')}`,
      )
    })
  }
  const recordedEvent: [string, object] = ['OrderRecorded', placed]
  const paid = (amount: number, captured = true): [string, object] => [
    'PaymentAllocated',
    { paymentId: 'pay_1', amount: usd(amount), captured },
  ]
  const refunded = (amount: number): [string, object] => [
    'RefundIssued',
    { refundId: 'rfd_1', amount: usd(amount), shares: [{ paymentId: 'pay_1', amount: usd(amount) }] },
  ]
  const share = { refundId: 'rfd_1', paymentId: 'pay_1' }
  const disputed = (state: string, amount = 100_00): [string, object] => [
    'ChargebackRecorded',
    { disputeId: 'dsp_1', amount: usd(amount), state },
  ]
  const CAPTURED = 'CAPTURE PROVIDER_CLEARING 10000, BUYER_FUNDS -10000'
  const SHARED =
    'ALLOCATION BUYER_FUNDS 10000, PLATFORM_FEES -800, SELLER_PAYABLE -7200, SHIPPING_CREDIT -1500, TAX_PAYABLE -500'
  const UNWOUND =
    'UNWIND PLATFORM_FEES 800, SELLER_PAYABLE 7200, SHIPPING_CREDIT 1500, TAX_PAYABLE 500, BUYER_FUNDS -10000'

  test('a payment, and one that is captured only later', () => {
    expect(posted(recordedEvent, paid(100_00))).toEqual([[], [CAPTURED, SHARED]])
    expect(posted(recordedEvent, paid(100_00, false), paid(100_00))).toEqual([[], [], [CAPTURED, SHARED]])
  })

  test('a payment recorded anew: the difference alone', () => {
    expect(posted(recordedEvent, paid(100_00), paid(60_00)).at(-1)).toEqual([
      'CAPTURE BUYER_FUNDS 4000, PROVIDER_CLEARING -4000',
      'UNWIND PLATFORM_FEES 320, SELLER_PAYABLE 2880, SHIPPING_CREDIT 600, TAX_PAYABLE 200, BUYER_FUNDS -4000',
    ])
    expect(posted(recordedEvent, paid(100_00), paid(100_00)).at(-1)).toEqual([])
    expect(posted(recordedEvent, paid(100_00), paid(100_00, false)).at(-1)).toEqual([
      'CAPTURE BUYER_FUNDS 10000, PROVIDER_CLEARING -10000',
      UNWOUND,
    ])
  })

  test('a refund, settled by the provider; one that failed stays owed', () => {
    const settled: [string, object] = ['RefundSettled', { ...share, providerRefundId: 're_1', settledAt: '' }]
    const failed: [string, object] = ['RefundFailed', { ...share, code: 'x', message: 'x', attempts: 1 }]
    const owed = 'REFUND BUYER_FUNDS 10000, REFUNDS -10000'
    expect(posted(recordedEvent, paid(100_00), refunded(100_00), settled).slice(2)).toEqual([
      [UNWOUND, owed],
      ['SETTLEMENT REFUNDS 10000, PROVIDER_CLEARING -10000'],
    ])
    expect(posted(recordedEvent, paid(100_00), refunded(100_00), failed, settled, failed).slice(3)).toEqual([
      [],
      ['SETTLEMENT REFUNDS 10000, PROVIDER_CLEARING -10000'],
      ['SETTLEMENT PROVIDER_CLEARING 10000, REFUNDS -10000'],
    ])
  })

  test('a chargeback: taken at once, given back when it is won, taken from its owners when it is lost', () => {
    const taken = 'CHARGEBACK CHARGEBACKS 10000, PROVIDER_CLEARING -10000'
    expect(
      posted(
        recordedEvent,
        paid(100_00),
        disputed('NEEDS_RESPONSE'),
        disputed('UNDER_REVIEW'),
        disputed('WON'),
      ).slice(2),
    ).toEqual([[taken], [], ['CHARGEBACK PROVIDER_CLEARING 10000, CHARGEBACKS -10000']])
    expect(
      posted(recordedEvent, paid(100_00), disputed('NEEDS_RESPONSE'), disputed('LOST')).slice(2),
    ).toEqual([[taken], [UNWOUND, 'CHARGEBACK BUYER_FUNDS 10000, CHARGEBACKS -10000']])
    expect(posted(recordedEvent, paid(100_00), disputed('CLOSED')).at(-1)).toEqual([])
    expect(posted(recordedEvent, paid(100_00), disputed('LOST'), disputed('WON')).at(-1)).toEqual([
      SHARED,
      'CHARGEBACK PROVIDER_CLEARING 10000, BUYER_FUNDS -10000',
    ])
  })

  test('a chargeback that takes more than is left is a loss of the platform’s', () => {
    expect(posted(recordedEvent, paid(100_00), refunded(60_00), disputed('LOST')).at(-1)).toEqual([
      'UNWIND ADJUSTMENTS 6000, PLATFORM_FEES 320, SELLER_PAYABLE 2880, SHIPPING_CREDIT 600, TAX_PAYABLE 200, BUYER_FUNDS -6000, BUYER_FUNDS -4000',
      'CHARGEBACK BUYER_FUNDS 10000, PROVIDER_CLEARING -10000',
    ])
  })

  test('another seller takes the shares over', () => {
    const other: [string, object] = ['OrderRecorded', { ...placed, sellerId: 'org_2' }]
    const [transfer] = posted(recordedEvent, paid(100_00), other).at(-1)!
    expect(transfer).toBe(
      'TRANSFER PLATFORM_FEES 800, SELLER_PAYABLE 7200, SHIPPING_CREDIT 1500, TAX_PAYABLE 500, PLATFORM_FEES -800, SELLER_PAYABLE -7200, SHIPPING_CREDIT -1500, TAX_PAYABLE -500',
    )
  })

  test('a cancelled order nothing: the money goes back by refund', () => {
    expect(
      posted(recordedEvent, paid(100_00), ['OrderCanceled', { refundable: usd(100_00) }]).at(-1),
    ).toEqual([])
  })
})

test('parcels and payouts say where their money lies', () => {
  const usd = (amount: number) => sum(amount, 'USD')
  const short = (lines: Line[]) => lines.map(one => `${one.account} ${one.organizationId} ${one.amount}`)
  const parcel = { id: 'shp_1', sellerId: 'org_1', shippingCredit: usd(7_50), labelCost: usd(9_10) }
  expect(short(shipmentStanding(parcel).SHIPPING_CREDIT)).toEqual([
    'SHIPPING_CREDIT org_1 750',
    'SELLER_PAYABLE org_1 -750',
  ])
  expect(short(shipmentStanding(parcel).LABEL)).toEqual(['LABEL_COST org_1 910', 'CARRIER_PAYABLE null -910'])
  const payout = { id: 'pyo_1', organizationId: 'org_1', amount: usd(50_00) }
  const sent = payoutStanding({ ...payout, status: 'IN_TRANSIT' })
  expect(short(sent)).toEqual(['SELLER_PAYABLE org_1 5000', 'PROVIDER_CLEARING null -5000'])
  expect(difference(sent, payoutStanding({ ...payout, status: 'PAID' }))).toEqual([])
  expect(short(difference(sent, payoutStanding({ ...payout, status: 'FAILED' })))).toEqual([
    'PROVIDER_CLEARING null 5000',
    'SELLER_PAYABLE org_1 -5000',
  ])
})
