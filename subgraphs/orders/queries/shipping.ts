import { Arg, Ctx, Extensions, FieldResolver, InputType, ObjectType, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { count, flag, given, json, money, oneOf, part, text } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import type { Sum } from '#shared/money.js'
import { edge, listOf, listOn, lookup } from '#shared/queries.js'
import { Organization } from '../stubs.js'
import { Checkout } from '../views/checkout.js'
import { Order, OrderLine } from '../views/order.js'
import { LabelPurchaseState, Shipment, ShipmentStatus } from '../views/shipment.js'
import { InvestigationState, ShipmentInvestigation } from '../views/shipment-investigation.js'
import { ShipmentIssue, ShipmentIssueKind, ShipmentIssueState } from '../views/shipment-issue.js'

@InputType('ShipmentFilter', { description: 'Which shipments; what is left out does not matter.' })
export class ShipmentFilter {
  @oneOf(ShipmentStatus, 'Those that are here.', { nullable: true })
  status?: keyof typeof ShipmentStatus | null

  @oneOf(LabelPurchaseState, 'Those whose label stands here: TO_DO is what waits for a person.', {
    nullable: true,
  })
  labelState?: keyof typeof LabelPurchaseState | null

  @text('Those that this carrier carries, as it is recorded.', { nullable: true })
  carrier?: string | null

  @given('Order', 'Those of this order.', { nullable: true })
  orderId?: string | null

  @oneOf(ShipmentIssueKind, 'Those with which this is wrong at present.', { nullable: true })
  issue?: keyof typeof ShipmentIssueKind | null
}

@InputType('ShipmentIssueFilter', { description: 'Which issues; what is left out does not matter.' })
export class ShipmentIssueFilter {
  @oneOf(ShipmentIssueKind, 'Those of this kind.', { nullable: true })
  kind?: keyof typeof ShipmentIssueKind | null

  @oneOf(ShipmentIssueState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof ShipmentIssueState | null

  @given('Order', 'Those of this order.', { nullable: true })
  orderId?: string | null

  @given('Shipment', 'Those of this shipment.', { nullable: true })
  shipmentId?: string | null
}

@InputType('ShipmentInvestigationFilter', {
  description: 'Which investigations; what is left out does not matter.',
})
export class ShipmentInvestigationFilter {
  @oneOf(InvestigationState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof InvestigationState | null

  @given('Order', 'Those of this order.', { nullable: true })
  orderId?: string | null

  @given('Shipment', 'Those of this shipment.', { nullable: true })
  shipmentId?: string | null

  @flag('True: those that should have come to their end by now.', { nullable: true })
  overdue?: boolean | null
}

const OPEN_ISSUE = `id in (select shipment_id from orders.shipment_issue where state = 'OPEN' and kind = ?)`

const filterOf = (filter: ShipmentFilter): Filter =>
  where(
    ['status = ?', filter.status],
    ['label_state = ?', filter.labelState],
    ['carrier = ?', filter.carrier],
    ['order_id = ?', filter.orderId],
    [OPEN_ISSUE, filter.issue],
  )

const investigationFilterOf = (filter: ShipmentInvestigationFilter, { services }: Context): Filter => {
  const now = services.clock()
  return where(
    ['state = ?', filter.state],
    ['order_id = ?', filter.orderId],
    ['shipment_id = ?', filter.shipmentId],
    [`(state = 'OPEN' and due_at <= ?)`, filter.overdue === true ? now : null],
    [`(state <> 'OPEN' or due_at > ?)`, filter.overdue === false ? now : null],
  )
}

@ObjectType('ShippingCredit', { description: 'How shipping is paid for.' })
@Extensions({ value: true })
export class ShippingCredit {
  @money('What the buyer was charged.', { nullable: true })
  charged!: Sum | null

  @money('What the seller was credited.', { nullable: true })
  credited!: Sum | null

  @text('How the credit was worked out, as the marketplace says.', { nullable: true })
  formula!: string | null

  @json('What the credit was worked out from.', { nullable: true })
  inputs!: Record<string, unknown> | null

  @money('What the label cost.', { nullable: true })
  labelCost!: Sum | null

  @money('Credit minus cost of the label.', { nullable: true })
  variance!: Sum | null
}

@ObjectType('ShipmentLine', { description: 'What of an order line is in a parcel.' })
@Extensions({ value: true })
export class ShipmentLine {
  @text("The marketplace's id of the order line.")
  externalId!: string

  @count('How many of it.')
  quantity!: number

  @part(() => OrderLine, 'The order line; null when the order has none of that id.', { nullable: true })
  orderLine!: OrderLine | null
}

@Resolver(() => Shipment)
class ShipmentFields {
  @FieldResolver(() => Organization, { nullable: true, description: 'Who sells what is in it.' })
  async seller(@Root() { orderId }: Shipment, @Ctx() { loaders }: Context): Promise<{ id: string } | null> {
    const order = await loaders.one(Order, orderId)
    return order?.sellerId ? { id: order.sellerId } : null
  }

  @FieldResolver(() => [ShipmentLine], {
    nullable: true,
    description: 'What is in it; null where the marketplace did not say.',
  })
  async lines(
    @Root() { orderId, contents }: Shipment,
    @Ctx() { loaders }: Context,
  ): Promise<ShipmentLine[] | null> {
    if (!contents) return null
    const order = await loaders.one(Order, orderId)
    return contents.map(line => ({
      ...line,
      orderLine: order?.lines.find(({ externalId }) => externalId === line.externalId) ?? null,
    }))
  }

  @FieldResolver(() => ShippingCredit, {
    nullable: true,
    description: 'How its shipping is paid for: charged, credited, and what the label cost.',
  })
  async shippingBreakdown(@Root() row: Shipment): Promise<ShippingCredit> {
    return {
      charged: row.shippingCharged,
      credited: row.shippingCredit,
      formula: row.creditFormula,
      inputs: row.creditInputs,
      labelCost: row.labelCost,
      variance: row.variance,
    }
  }

  @FieldResolver(() => [ShipmentIssue], { description: 'What is wrong with it, newest first.' })
  async issues(
    @Root() { id }: Shipment,
    @Arg('includeCleared', () => Boolean, {
      defaultValue: false,
      description: 'Also what was wrong, and no longer is.',
    })
    includeCleared: boolean,
    @Ctx() { loaders }: Context,
  ): Promise<ShipmentIssue[]> {
    const { nodes } = await loaders.children(ShipmentIssue, 'shipmentId', id, { first: 25 })
    return nodes.filter(({ state }) => includeCleared || state === 'OPEN')
  }
}

@ObjectType('SuggestedAction', { description: 'What could be done about it.' })
@Extensions({ value: true })
export class SuggestedAction {
  @text('The mutation.')
  action!: string

  @text('Why.')
  why!: string
}

const SUGGESTIONS: Record<keyof typeof ShipmentIssueKind, readonly SuggestedAction[]> = {
  LABEL_PURCHASE_FAILED: [
    { action: 'retryLabelPurchase', why: 'Try once more, perhaps with another service.' },
    {
      action: 'updateShipmentMetadata',
      why: 'Mend address, weight or service first, if they are the cause.',
    },
    { action: 'cancelOrder', why: 'If it cannot be sent at all, nothing has left yet.' },
  ],
  ADDRESS_INVALID: [
    { action: 'updateShipmentMetadata', why: 'Enter the right address, or say that it is right.' },
    { action: 'retryLabelPurchase', why: 'Once the address is right, if there is no label.' },
    { action: 'openTicket', why: 'Ask the buyer for the right address.' },
  ],
  TRACKING_STALE: [
    { action: 'confirmCarrierStatus', why: 'Ask the carrier where it is.' },
    { action: 'startShipmentInvestigation', why: 'Find out what became of it.' },
    { action: 'updateShipmentMetadata', why: 'Mend the tracking number, if it is wrong.' },
  ],
  DELIVERED_NOT_RECEIVED: [
    { action: 'confirmCarrierStatus', why: 'Have the carrier confirm the delivery, as evidence.' },
    { action: 'startShipmentInvestigation', why: 'Check proof of delivery, address, buyer and seller.' },
    { action: 'settleNotReceived', why: 'If it turned up after all.' },
  ],
}

@Resolver(() => ShipmentIssue)
class ShipmentIssueFields {
  @FieldResolver(() => [SuggestedAction], { description: 'What could be done about it, best first.' })
  async suggestedActions(@Root() { kind, state }: ShipmentIssue): Promise<readonly SuggestedAction[]> {
    return state === 'OPEN' ? SUGGESTIONS[kind] : []
  }
}

@Resolver(() => ShipmentInvestigation)
class InvestigationFields {
  @FieldResolver(() => Boolean, { description: 'It should have come to its end by now.' })
  async overdue(
    @Root() { state, dueAt }: ShipmentInvestigation,
    @Ctx() { services }: Context,
  ): Promise<boolean> {
    return state === 'OPEN' && dueAt <= services.clock()
  }
}

const OF_CHECKOUT = 'order_id in (select id from orders."order" where checkout_id = $1)'

/** Where parcels are, what is wrong with them, and who looks into it (E34, E36, E41 to E48). */
export const shippingQueries = [
  listOf({
    name: 'shipments',
    type: Shipment,
    description: 'Shipments across all carriers, newest first.',
    filter: ShipmentFilter,
    where: filterOf,
  }),
  listOf({
    name: 'shipmentIssues',
    type: ShipmentIssue,
    description: 'What is or was wrong with shipments, newest first: the worklist of shipping.',
    filter: ShipmentIssueFilter,
  }),
  listOf({
    name: 'shipmentInvestigations',
    type: ShipmentInvestigation,
    description: 'Investigations of shipments, newest first.',
    filter: ShipmentInvestigationFilter,
    where: investigationFilterOf,
  }),
  ShipmentFields,
  ShipmentIssueFields,
  InvestigationFields,
  listOn(Checkout, {
    name: 'shipments',
    type: Shipment,
    description: 'Parcels of all its orders, newest first.',
    where: id => ({ where: OF_CHECKOUT, values: [id] }),
  }),
  ...[ShipmentIssue, ShipmentInvestigation].map(lookup),
  edge(Shipment, 'investigations', ShipmentInvestigation, 'shipmentId', 'Who looked into what became of it.'),
  edge(Order, 'shipmentIssues', ShipmentIssue, 'orderId', 'What is or was wrong with its parcels.'),
  edge(
    Order,
    'investigations',
    ShipmentInvestigation,
    'orderId',
    'Who looked into what became of its parcels.',
  ),
]
