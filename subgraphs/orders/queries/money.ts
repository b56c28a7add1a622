import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Float,
  Int,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql'
import type { Context } from '#shared/context.js'
import { hydrate } from '#shared/loader.js'
import { Money, type Sum, sum } from '#shared/money.js'
import { Allow } from '#shared/permissions.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import type { Booked } from '../booking.js'
import { EXPOSURE_READERS, FEE_READERS, LEDGER_READERS } from '../ledger/accounts.js'
import { Organization } from '../stubs.js'
import { Order } from '../views/order.js'
import { Payment, PaymentAllocation } from '../views/payment.js'
import { Payout } from '../views/payout.js'
import { batchedRows } from './batched-rows.js'

@ObjectType('OrganizationBalance', { description: 'What a seller is owed in one currency.' })
@Extensions({ value: true })
export class OrganizationBalance {
  @Field(() => Money, {
    description: 'Of orders that arrived and that nobody disputes, less what was paid out.',
  })
  available!: Sum

  @Field(() => Money, {
    description: 'Of orders that have not arrived yet, or that a bank disputes right now.',
  })
  pending!: Sum

  @Field(() => Money, {
    description: 'How far what is available is below zero: what it owes the platform now.',
  })
  negativeExposure!: Sum

  @Field(() => Money, { description: 'Available and pending together: its balance in the ledger.' })
  total!: Sum
}

@ObjectType('FeeSummary', { description: "A seller's fees in one currency." })
@Extensions({ value: true })
export class FeeSummary {
  @Field(() => Int, { description: 'On how many orders.' })
  orders!: number

  @Field(() => Money, { description: 'Taken in with payments.' })
  charged!: Sum

  @Field(() => Money, { description: 'Given back with refunds and lost chargebacks.' })
  returned!: Sum

  @Field(() => Money, { description: 'Charged more (or, below zero, less) by hand.' })
  adjusted!: Sum

  @Field(() => Money, { description: 'What stays.' })
  net!: Sum
}

@ObjectType('RefundStats', { description: "How much of a seller's sales was given back, in one currency." })
@Extensions({ value: true })
export class RefundStats {
  @Field(() => Int, { description: 'How many orders.' })
  orders!: number

  @Field(() => Int, { description: 'How many of them something was given back of.' })
  refundedOrders!: number

  @Field(() => Money, { description: 'What was paid for them.' })
  paid!: Sum

  @Field(() => Money, { description: 'What of it was given back, until now.' })
  refunded!: Sum

  @Field(() => Float, {
    nullable: true,
    description: 'Refunded of paid, from 0 to 1; null when nothing was paid.',
  })
  rate!: number | null
}

export const FeeKind = states('FeeKind', 'What is kept of an order before its seller gets the rest.', {
  PLATFORM_FEE: "The platform's fee.",
  TAX: 'Tax, to be passed on.',
  SHIPPING: 'Shipping that the buyer paid; sellers are credited of it by parcel.',
})

@ObjectType('FeeLine', { description: 'One thing that is kept of an order.' })
@Extensions({ value: true })
export class FeeLine {
  @Field(() => FeeKind, { description: 'What.' })
  kind!: keyof typeof FeeKind

  @Field(() => Money, { description: 'What it should be, as the order says.' })
  agreed!: Sum

  @Field(() => Money, {
    description: 'What the ledger holds of it: of what was paid, less what was given back.',
  })
  booked!: Sum
}

interface Owed {
  key: string
  currency: string
  total: string
  pending: string
}

const owedOf = batchedRows<Owed>(({ db }, keys) =>
  db.query(
    `with payable as (
       select organization_id, currency, order_id, -sum(minor) as owed from orders.ledger_entry
       where organization_id = any($1) and account = 'SELLER_PAYABLE' group by organization_id, currency, order_id
     ), disputed as (
       select order_id from orders.ledger_entry where account = 'CHARGEBACKS' and order_id is not null
       group by order_id, currency having sum(minor) <> 0
     )
     select p.organization_id as key, p.currency, sum(p.owed) as total, coalesce(sum(p.owed) filter (
         where o.status not in ('DELIVERED', 'REFUNDED') or p.order_id in (select order_id from disputed)), 0) as pending
     from payable p left join orders."order" o on o.id = p.order_id
     group by p.organization_id, p.currency order by p.currency`,
    [keys],
  ),
)

const balanceOf = ({ currency, total, pending }: Owed): OrganizationBalance => {
  const available = Number(total) - Number(pending)
  return {
    available: sum(available, currency),
    pending: sum(Number(pending), currency),
    negativeExposure: sum(Math.max(0, -available), currency),
    total: sum(Number(total), currency),
  }
}

interface Shared {
  key: string
  order: string
  account: string
  shared: string
  returned: string
}

/** A payment's parts, from the ledger: as they were shared out, and what of them was taken back. */
const sharedOf = batchedRows<Shared>(({ db }, keys) =>
  db.query(
    `select payment_id as key, order_id as order, account,
       coalesce(-sum(minor) filter (where refund_id is null and dispute_id is null), 0) as shared,
       coalesce(sum(minor) filter (where refund_id is not null or dispute_id is not null), 0) as returned
     from orders.ledger_entry
     where payment_id = any($1) and account in ('SELLER_PAYABLE', 'PLATFORM_FEES', 'TAX_PAYABLE', 'SHIPPING_CREDIT')
     group by payment_id, order_id, account`,
    [keys],
  ),
)

type Parent = { id: string }

const FROM = { nullable: true, description: 'Orders placed from then on (UTC).' }
const TO = { nullable: true, description: 'Orders placed before then (UTC).' }

@Resolver(() => Organization)
class OrganizationMoney {
  @FieldResolver(() => [OrganizationBalance], {
    nullable: true,
    description: 'What it is owed, in each currency it ever sold in (E58).',
  })
  @Allow(...EXPOSURE_READERS)
  async balance(@Root() { id }: Parent, @Ctx() context: Context): Promise<OrganizationBalance[]> {
    return (await owedOf(context, id)).map(balanceOf)
  }

  @FieldResolver(() => [FeeSummary], {
    nullable: true,
    description:
      'What it paid in fees, by the day its orders were placed; corrections by the day they were made (A13).',
  })
  @Allow(...FEE_READERS)
  async feeSummary(
    @Root() { id }: Parent,
    @Arg('from', () => DateTime, FROM) from: Date | null,
    @Arg('to', () => DateTime, TO) to: Date | null,
    @Ctx() { db }: Context,
  ): Promise<FeeSummary[]> {
    const rows: Record<string, string>[] = await db.query(
      `select e.currency, count(distinct e.order_id) filter (where t.kind <> 'ADJUSTMENT') as orders,
         coalesce(-sum(e.minor) filter (where t.kind <> 'ADJUSTMENT' and e.refund_id is null and e.dispute_id is null), 0) as charged,
         coalesce(sum(e.minor) filter (where e.refund_id is not null or e.dispute_id is not null), 0) as returned,
         coalesce(-sum(e.minor) filter (where t.kind = 'ADJUSTMENT'), 0) as adjusted, -sum(e.minor) as net
       from orders.ledger_entry e join orders.ledger_transaction t on t.id = e.transaction_id
         left join orders."order" o on o.id = e.order_id
       where e.organization_id = $1 and e.account = 'PLATFORM_FEES'
         and ($2::timestamptz is null or case t.kind when 'ADJUSTMENT' then e.occurred_at else o.placed_at end >= $2)
         and ($3::timestamptz is null or case t.kind when 'ADJUSTMENT' then e.occurred_at else o.placed_at end < $3)
       group by e.currency order by e.currency`,
      [id, from, to],
    )
    return rows.map(row => {
      const money = (name: string) => sum(Number(row[name]), row.currency!)
      const [charged, returned] = [money('charged'), money('returned')]
      return { orders: Number(row.orders), charged, returned, adjusted: money('adjusted'), net: money('net') }
    })
  }

  @FieldResolver(() => [RefundStats], {
    nullable: true,
    description: 'How much of what it sold was given back, by the day its orders were placed (A14).',
  })
  @Allow(...LEDGER_READERS)
  async refundStats(
    @Root() { id }: Parent,
    @Arg('from', () => DateTime, FROM) from: Date | null,
    @Arg('to', () => DateTime, TO) to: Date | null,
    @Ctx() { db }: Context,
  ): Promise<RefundStats[]> {
    const rows: Record<string, string>[] = await db.query(
      `select paid ->> 'currency' as currency, count(*) as orders,
         count(*) filter (where (refunded ->> 'amount')::bigint > 0) as refunded_orders,
         sum((paid ->> 'amount')::bigint) as paid, sum((refunded ->> 'amount')::bigint) as refunded
       from orders."order" where seller_id = $1
         and ($2::timestamptz is null or placed_at >= $2) and ($3::timestamptz is null or placed_at < $3)
       group by 1 order by 1`,
      [id, from, to],
    )
    return rows.map(row => ({
      orders: Number(row.orders),
      refundedOrders: Number(row.refunded_orders),
      paid: sum(Number(row.paid), row.currency!),
      refunded: sum(Number(row.refunded), row.currency!),
      rate: Number(row.paid) ? Number(row.refunded) / Number(row.paid) : null,
    }))
  }

  @FieldResolver(() => Payout, {
    nullable: true,
    description: 'The payout that arrives next; null when none is on its way or planned (A16).',
  })
  @Allow(...LEDGER_READERS)
  async nextPayout(@Root() { id }: Parent, @Ctx() { db }: Context): Promise<Payout | null> {
    const [row] = await db.query(
      `select * from orders.payout where organization_id = $1 and status in ('PENDING', 'IN_TRANSIT')
       order by arrival_at nulls last, id limit 1`,
      [id],
    )
    return row ? hydrate(Payout, row) : null
  }
}

@Resolver(() => Order)
class OrderMoney {
  @FieldResolver(() => [FeeLine], { description: 'What is kept of it: fee, tax and shipping (A13).' })
  fees(@Root() { fee, tax, shipping, state }: Order): FeeLine[] {
    const booked = (part: keyof Booked): Sum =>
      sum(
        Object.values(state.booked).reduce((total, parts) => total + parts[part], 0),
        state.currency,
      )
    return [
      { kind: FeeKind.PLATFORM_FEE, agreed: fee, booked: booked('fee') },
      { kind: FeeKind.TAX, agreed: tax, booked: booked('tax') },
      { kind: FeeKind.SHIPPING, agreed: shipping, booked: booked('shipping') },
    ]
  }
}

@Resolver(() => Payment)
class PaymentMoney {
  @FieldResolver(() => [PaymentAllocation], { description: 'How it is split; the parts add up to it (E35).' })
  async allocations(
    @Root() { id, allocations }: Payment,
    @Ctx() context: Context,
  ): Promise<PaymentAllocation[]> {
    const found = await sharedOf(context, id)
    return allocations.map(allocation => {
      const { orderId, amount } = allocation
      const mine = found.filter(({ order }) => order === orderId)
      const part = (account: string) =>
        sum(Number(mine.find(one => one.account === account)?.shared ?? 0), amount.currency)
      return Object.assign(Object.create(PaymentAllocation.prototype) as PaymentAllocation, allocation, {
        seller: part('SELLER_PAYABLE'),
        fee: part('PLATFORM_FEES'),
        tax: part('TAX_PAYABLE'),
        shipping: part('SHIPPING_CREDIT'),
        returned: sum(
          mine.reduce((total, { returned }) => total + Number(returned), 0),
          amount.currency,
        ),
      })
    })
  }
}

export const moneyQueries = [OrganizationMoney, OrderMoney, PaymentMoney]
