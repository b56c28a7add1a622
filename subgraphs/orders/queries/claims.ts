import { Arg, Args, Ctx, FieldResolver, InputType, Query, Resolver, Root } from 'type-graphql'
import { checkFirst, connection, decodeTimeCursor, type Page, PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { flag, given, instant, oneOf } from '#shared/fields.js'
import { type Filter, hydrate, where } from '#shared/loader.js'
import { Money, type Sum } from '#shared/money.js'
import { batched } from '#shared/per-request.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { claimsOfDisputes, owedOf } from '../claim-of-order.js'
import { Claim, ClaimKind, ClaimStatus } from '../views/claim.js'
import { ClaimNote } from '../views/claim-note.js'
import { Dispute, DisputeState } from '../views/dispute.js'
import { Order } from '../views/order.js'
import { Refund } from '../views/refund.js'

const ClaimOrder = states('ClaimOrder', 'In which order claims are listed.', {
  DUE_ASC:
    'As a queue: what is due first; where nobody is waited for, what waits for us longest; what is decided last.',
  NEWEST: 'What was opened last comes first.',
})

@InputType('ClaimFilter', { description: 'Which claims; what is left out does not matter.' })
export class ClaimFilter {
  @oneOf(ClaimStatus, 'Those that stand here.', { nullable: true })
  status?: keyof typeof ClaimStatus | null

  @oneOf(ClaimKind, 'Those of this kind.', { nullable: true })
  kind?: keyof typeof ClaimKind | null

  @given('Order', 'Those about this order.', { nullable: true })
  orderId?: string | null

  @flag('True: those on which something is late. False: those on which nothing is.', { nullable: true })
  overdue?: boolean | null
}

const filterOf = ({ status, kind, orderId, overdue }: ClaimFilter, now: Date): Filter =>
  where(
    ['status = ?', status],
    ['kind = ?', kind],
    ['order_id = ?', orderId],
    ['due_at <= ?', overdue === true ? now : null],
    ['(due_at is null or due_at > ?)', overdue === false ? now : null],
  )

@InputType('DisputeFilter', { description: 'Which disputes; what is left out does not matter (A15).' })
export class DisputeFilter {
  @oneOf(DisputeState, 'Those that stand here.', { nullable: true })
  state?: string | null

  @given('Order', 'Those about this order.', { nullable: true })
  orderId?: string | null

  @instant('Those for which evidence is taken no longer than this (UTC).', { nullable: true })
  evidenceDueBefore?: Date | null
}

const disputesThat = ({ state, orderId, evidenceDueBefore }: DisputeFilter): Filter =>
  where(['state = ?', state], ['order_id = ?', orderId], ['evidence_due_at < ?', evidenceDueBefore])

/** A page of the queue: what is due first. */
async function queue(
  filter: Filter,
  { first, after }: PageArgs,
  { db }: Pick<Context, 'db'>,
): Promise<Page<Claim>> {
  checkFirst(first)
  const values = [...filter.values]
  let behind = ''
  if (after) {
    values.push(...decodeTimeCursor(after))
    behind = ` and (queued_at, id) > ($${values.length - 1}, $${values.length})`
  }
  const rows: Record<string, unknown>[] = await db.query(
    `select * from orders.claim where ${filter.where}${behind} order by queued_at, id limit ${first + 1}`,
    values,
  )
  const claims = rows.map(row => hydrate(Claim, row))
  const count = async () => {
    const [row] = await db.query(
      `select count(*)::int as n from orders.claim where ${filter.where}`,
      filter.values,
    )
    return row.n
  }
  return pageOf(claims, first, ({ queuedAt, id }) => [queuedAt.toISOString(), id], count)
}

@Resolver()
class ClaimQueries {
  @Query(() => connection(Claim), {
    description: 'Claims, as a queue unless another order is asked for (E49).',
  })
  @Allow(...READERS)
  async claims(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ClaimFilter, { nullable: true, description: 'Which ones.' })
    filter: ClaimFilter | null,
    @Arg('order', () => ClaimOrder, { defaultValue: 'DUE_ASC', description: 'In which order.' })
    order: keyof typeof ClaimOrder,
    @Ctx() context: Context,
  ): Promise<Page<Claim>> {
    const wanted = filterOf(filter ?? {}, context.services.clock())
    return order === 'DUE_ASC' ? queue(wanted, page, context) : context.loaders.list(Claim, wanted, page)
  }
}

/** One query for a page of claims. */
const owedOn = batched<string, Sum | null>(async ({ db }, ids) => {
  const owed = await owedOf(db, ids)
  return ids.map(id => owed.get(id) ?? null)
})

/** One query for a page of disputes. */
const claimOf = batched<string, string | null>(async ({ db }, ids) => {
  const claims = await claimsOfDisputes(db, ids)
  return ids.map(id => claims.get(id) ?? null)
})

@Resolver(() => Claim)
class ClaimFields {
  @FieldResolver(() => Money, {
    nullable: true,
    description:
      'What is still owed to the buyer: as decided, without what was refunded for it or taken by a bank. Null before it is decided.',
  })
  @Allow(...READERS)
  async owed(@Root() { id }: Claim, @Ctx() context: Context): Promise<Sum | null> {
    return owedOn(context, id)
  }

  @FieldResolver(() => [Dispute], {
    nullable: true,
    description: 'All chargebacks that joined it, first to last.',
  })
  @Allow(...READERS)
  async chargebacks(@Root() { chargebackIds }: Claim, @Ctx() { loaders }: Context): Promise<Dispute[]> {
    return loaders.many(Dispute, chargebackIds)
  }
}

@Resolver(() => Dispute)
class DisputeFields {
  @FieldResolver(() => Claim, { nullable: true, description: 'The claim that it opened or joined (E52).' })
  @Allow(...READERS)
  async claim(@Root() { id }: Dispute, @Ctx() context: Context): Promise<Claim | null> {
    const claimId = await claimOf(context, id)
    return claimId === null ? null : context.loaders.one(Claim, claimId)
  }
}

export const claimQueries = [
  ClaimQueries,
  ClaimFields,
  DisputeFields,
  listOf({
    name: 'disputes',
    type: Dispute,
    description: 'Disputes, newest first.',
    filter: DisputeFilter,
    where: disputesThat,
  }),
  ...[Claim, ClaimNote].map(lookup),
  edge(Claim, 'notes', ClaimNote, 'claimId', 'What was written on it, newest first (E51).'),
  edge(Claim, 'refunds', Refund, 'claimId', 'What was given back for it, newest first (E52).'),
  edge(Order, 'claims', Claim, 'orderId', 'Claims about it, newest first.'),
]
