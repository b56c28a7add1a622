import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { everything } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { Organization, User } from './stubs.js'
import { Checkout } from './views/checkout.js'
import { Dispute, DisputeState } from './views/dispute.js'
import { Order, OrderStatus } from './views/order.js'
import { Payment } from './views/payment.js'
import { Payout } from './views/payout.js'
import { Refund } from './views/refund.js'
import { Shipment, ShipmentStatus } from './views/shipment.js'

@Resolver()
export class OrderQueries {
  @Query(() => Order, { nullable: true, description: 'One order.' })
  @Allow(...READERS)
  async order(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Order, id)
  }

  @Query(() => connection(Order), { description: 'Orders, newest first.' })
  @Allow(...READERS)
  async orders(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => OrderStatus, { nullable: true, description: 'Only those that stand here.' }) status: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Order>> {
    return loaders.list(Order, status ? { where: 'status = $1', values: [status] } : everything, page)
  }

  @Query(() => Checkout, { nullable: true, description: 'One checkout.' })
  @Allow(...READERS)
  async checkout(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Checkout, id)
  }

  @Query(() => Payment, { nullable: true, description: 'One payment.' })
  @Allow(...READERS)
  async payment(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Payment, id)
  }

  @Query(() => Refund, { nullable: true, description: 'One refund.' })
  @Allow(...READERS)
  async refund(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Refund, id)
  }

  @Query(() => Shipment, { nullable: true, description: 'One shipment.' })
  @Allow(...READERS)
  async shipment(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Shipment, id)
  }

  @Query(() => connection(Shipment), { description: 'Shipments across all carriers, newest first.' })
  @Allow(...READERS)
  async shipments(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => ShipmentStatus, { nullable: true, description: 'Only those that are here.' }) status: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Shipment>> {
    return loaders.list(Shipment, status ? { where: 'status = $1', values: [status] } : everything, page)
  }

  @Query(() => Dispute, { nullable: true, description: 'One dispute.' })
  @Allow(...READERS)
  async dispute(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Dispute, id)
  }

  @Query(() => connection(Dispute), { description: 'Disputes, newest first.' })
  @Allow(...READERS)
  async disputes(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => DisputeState, { nullable: true, description: 'Only those that stand here.' }) state: string | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<Dispute>> {
    return loaders.list(Dispute, state ? { where: 'state = $1', values: [state] } : everything, page)
  }

  @Query(() => Payout, { nullable: true, description: 'One payout.' })
  @Allow(...READERS)
  async payout(@Arg('id', () => ID, { description: 'Its global id.' }) id: string, @Ctx() { loaders }: Context) {
    return loaders.one(Payout, id)
  }
}

type Parent = { id: string }

@Resolver(() => Checkout)
export class CheckoutFields {
  @FieldResolver(() => connection(Order), { description: 'Its orders, one for each seller.' })
  async orders(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Order, 'checkoutId', id, page)
  }

  @FieldResolver(() => connection(Payment), { description: 'How it was paid.' })
  async payments(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Payment, 'checkoutId', id, page)
  }
}

@Resolver(() => Order)
export class OrderFields {
  @FieldResolver(() => connection(Shipment), { description: 'Its parcels.' })
  async shipments(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Shipment, 'orderId', id, page)
  }

  @FieldResolver(() => connection(Refund), { description: 'What was given back.' })
  async refunds(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Refund, 'orderId', id, page)
  }

  @FieldResolver(() => connection(Dispute), { description: 'Disputes about it.' })
  async disputes(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Dispute, 'orderId', id, page)
  }
}

@Resolver(() => Organization)
export class OrganizationFields {
  @FieldResolver(() => connection(Order), { nullable: true, description: 'What it sold.' })
  @Allow(...READERS)
  async orders(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Order, 'sellerId', id, page)
  }

  @FieldResolver(() => connection(Payout), { nullable: true, description: 'What it was paid out.' })
  @Allow(...READERS)
  async payouts(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Payout, 'organizationId', id, page)
  }
}

@Resolver(() => User)
export class UserFields {
  @FieldResolver(() => connection(Order), { nullable: true, description: 'What they bought.' })
  @Allow(...READERS)
  async orders(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(Order, 'buyerId', id, page)
  }
}
