import { Ctx, Extensions, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { LimitNode, limitNode, remainingOf } from '#shared/limit-node.js'
import { exceeded, limitStatuses } from '#shared/limits.js'
import { Money, type Sum, sum } from '#shared/money.js'
import { Allow, holds } from '#shared/permissions.js'
import { approversFor } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { issueRefund } from '../actions/issue-refund.js'
import { refundLimit } from '../limits.js'
import { Order } from '../views/order.js'

@ObjectType('RefundAllowance', { description: 'What you may give back on an order, and why not more.' })
@Extensions({ value: true })
class RefundAllowance {
  @Field(() => Money, { description: 'What is left of the payment; nobody gives back more.' })
  refundable!: Sum

  @Field(() => Money, { description: 'What you may give back by yourself, right now.' })
  alone!: Sum

  @Field(() => String, {
    nullable: true,
    description: 'Why not more by yourself; null when nothing else stands in the way.',
  })
  why!: string | null

  @Field(() => [LimitNode], { description: 'The limits that count for you, and how much of each is used.' })
  limits!: LimitNode[]

  @Field(() => [Role], {
    description: 'Who may approve what is above; never yourself. Empty: you need nobody, or may not refund.',
  })
  approvers!: readonly Role[]
}

@Resolver(() => Order)
export class RefundAllowances {
  @FieldResolver(() => RefundAllowance, {
    nullable: true,
    description:
      'What you may give back on it, and why not more (E79, E99, X14). For those who issue refunds.',
  })
  @Allow(...issueRefund.allow)
  async refundAllowance(
    @Root() order: Order,
    @Ctx() { db, identity, services }: Context,
  ): Promise<RefundAllowance | null> {
    if (!holds(identity, issueRefund.allow)) return null
    const { refundable } = order
    const all = [{ targetId: order.id, amount: refundable }]
    const asked = { limit: refundLimit, identity, measured: all, now: services.clock() }
    const limits = await limitStatuses(db, asked)
    const alone = Math.min(refundable.amount, ...limits.map(remainingOf))
    const nothing = refundable.amount === 0 ? 'Nothing is left to refund.' : null
    const needsSomebody = alone < refundable.amount
    return {
      refundable,
      alone: sum(alone, refundable.currency),
      why: nothing ?? limits.map(exceeded).find(reason => reason !== null) ?? null,
      limits: limits.map(limitNode),
      approvers: needsSomebody ? await approversFor(issueRefund.policy, db, asked) : [],
    }
  }
}
