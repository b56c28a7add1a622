import { Extensions, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import type { OrderEvents } from '#shared/events/orders.js'
import { count, entity, instant, money, oneOf, parts, ref, stub, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { format, type Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK, type Work } from '#shared/work.js'
import { order, type ShareState } from '../order.js'
import { Order } from './order.js'
import { Payment } from './payment.js'

const Approval = stub('Approval')

export const RefundStatus = states('RefundStatus', 'Where a refund stands.', {
  PENDING: 'Decided; the money is on its way back.',
  SETTLED: 'The money is back with the buyer.',
  FAILED: 'The payment provider could not give it back: somebody has to look.',
})
type RefundStatus = keyof typeof RefundStatus

export const RefundShareState = states('RefundShareState', "Where a payment's share of a refund stands.", {
  PENDING: 'It is to be sent to the payment provider.',
  SUBMITTED: 'The payment provider took it on.',
  SETTLED: 'The money is back.',
  FAILED: 'The payment provider refused it, or never said what became of it.',
})

@ObjectType('RefundPart', { description: "A payment's share of a refund, and what became of it." })
@Extensions({ value: true })
export class RefundPart {
  @ref(() => Payment, 'The payment it goes back to.')
  paymentId!: string

  @money('How much of the refund.')
  amount!: Sum

  @oneOf(RefundShareState, 'Where it stands.')
  state!: ShareState

  @count('How often it was sent on purpose; technical repetitions do not count.')
  attempt!: number

  @text("The provider's own id of it, re_…", { nullable: true })
  providerRefundId!: string | null

  @text("Why it failed: the provider's code.", { nullable: true })
  failureCode!: string | null

  @text('Why it failed, in words.', { nullable: true })
  failureMessage!: string | null

  @instant('When its state last changed (UTC).')
  changedAt!: Date
}

@ObjectType('RefundedLine', { description: 'How many of a line were given back.' })
@Extensions({ value: true })
export class RefundedLine {
  @text('Which line: OrderLine.id.')
  lineId!: string

  @count('How many.')
  quantity!: number
}

@entity('Refund', {
  description: 'Money that was given back on an order.',
  allow: READERS,
  schema: 'orders',
  prefix: 'rfd',
  sort: 'issuedAt',
})
export class Refund extends Row {
  @ref(() => Order, 'The order it was given back on.')
  orderId!: string

  @money('How much.')
  amount!: Sum

  @text('Why, as a reason code of issueRefund.')
  reasonCode!: string

  @text('Who issued it: open with node(id).')
  issuedById!: string

  @ref(() => Approval, 'The request that a second person approved, if it took one.', { nullable: true })
  approvalId!: string | null

  @instant('When (UTC).')
  issuedAt!: Date

  @oneOf(RefundStatus, 'Where it stands: failed as soon as one share failed, settled when all are.')
  status!: RefundStatus

  @parts(() => RefundPart, 'Its shares, one for each payment it goes back to.')
  shares!: RefundPart[]

  @parts(() => RefundedLine, 'What it was given for, when it was given by lines.')
  lines!: RefundedLine[]

  @money('How much of it is for shipping.', { nullable: true })
  shipping!: Sum | null

  @text("The provider's ids of it.", { nullable: true, find: IdentifierKind.STRIPE })
  providerRefundId!: string | null

  @text('The claim it settles: open with node(id).', { nullable: true, links: true })
  claimId!: string | null

  @text('The workflow that issued it: open with node(id).', { nullable: true, links: true })
  workflowId!: string | null
}

const statusOf = (shares: readonly RefundPart[]): RefundStatus => {
  if (shares.some(({ state }) => state === 'FAILED')) return 'FAILED'
  return shares.every(({ state }) => state === 'SETTLED') ? 'SETTLED' : 'PENDING'
}

type Moved = { paymentId: string } & Partial<{
  providerRefundId: string | null
  code: string
  message: string
  attempt: number
}>

const moved =
  (state: ShareState) =>
  ({ data, occurredAt }: { data: Moved; occurredAt: Date }, row: Refund | null) => {
    const shares = row!.shares.map(share =>
      share.paymentId === data.paymentId
        ? {
            ...share,
            state,
            attempt: data.attempt ?? share.attempt,
            providerRefundId: data.providerRefundId ?? share.providerRefundId,
            failureCode: data.code ?? null,
            failureMessage: data.message ?? null,
            changedAt: occurredAt,
          }
        : share,
    ) as RefundPart[]
    const providerRefundId = data.providerRefundId ?? row!.providerRefundId
    return { shares, status: statusOf(shares), providerRefundId }
  }

const issued = (data: OrderEvents['RefundIssued'], occurredAt: Date): RefundPart[] =>
  (data.shares ?? []).map(
    share =>
      ({
        ...share,
        state: 'PENDING',
        attempt: 1,
        providerRefundId: null,
        failureCode: null,
        failureMessage: null,
        changedAt: occurredAt,
      }) as RefundPart,
  )

/** Only one that failed wants a person. */
const work = (row: Refund): Work | null =>
  row.status === 'FAILED'
    ? {
        phase: 'ACTIVE',
        title: `Refund that failed: ${format(row.amount)}`,
        priority: RANK.SOON,
        since: row.shares.find(({ state }) => state === 'FAILED')?.changedAt ?? null,
        workspace: 'REVENUE',
        becauseOf: row.status,
      }
    : null

export const refunds = view(Refund, {
  of: order,
  work,
  key: (event: StoredEvent) => event.data.refundId,
  on: {
    RefundIssued: ({ data, stream, reasonCode, actor, occurredAt }) => {
      const shares = issued(data, occurredAt)
      return {
        orderId: stream.id,
        amount: data.amount,
        approvalId: data.approvalId,
        reasonCode,
        issuedById: actor.id,
        issuedAt: occurredAt,
        status: statusOf(shares),
        shares,
        lines: (data.lines ?? []) as RefundedLine[],
        shipping: data.shipping ?? null,
        claimId: data.claimId ?? null,
        workflowId: data.workflowId ?? null,
      }
    },
    RefundSubmitted: moved('SUBMITTED'),
    RefundSettled: moved('SETTLED'),
    RefundFailed: moved('FAILED'),
    RefundRetried: moved('PENDING'),
  },
})
