import { GraphQLJSON } from 'graphql-scalars'
import { ArgsType, Extensions, Field, ID, ObjectType } from 'type-graphql'
import { Money, MoneyInput, minus, type Sum, sum } from '#shared/money.js'
import { Refusal, RefusalCodeEnum } from '#shared/refusal.js'
import { LineQuantityInput } from './actions/issue-refund.js'
import { type Booked, unwind } from './booking.js'
import { namedIn, type OrderState } from './order.js'
import { type RefundWorkedOut, workOutRefund } from './refund.js'

@ArgsType()
export class RefundPreviewArgs {
  @Field(() => ID, { description: 'The order to refund.' })
  orderId!: string

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'How much; left out when lines or shipping say it.',
  })
  amount?: Sum | null

  @Field(() => [LineQuantityInput], { nullable: true, description: 'What to give back.' })
  lines?: LineQuantityInput[] | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Give back what is left of the shipping, too.',
  })
  shipping?: boolean | null
}

@ObjectType('RefundPreviewShare', { description: 'What of a refund would go back to one payment.' })
@Extensions({ value: true })
export class RefundPreviewShare {
  @Field(() => ID, { description: 'The payment: open with node(id).' })
  paymentId!: string

  @Field(() => Money, { description: 'How much of it.' })
  amount!: Sum
}

@ObjectType('RefundPreviewProblem', { description: 'Why it would be refused.' })
@Extensions({ value: true })
export class RefundPreviewProblem {
  @Field(() => RefusalCodeEnum, { description: 'What kind of reason.' })
  code!: string

  @Field(() => String, { description: 'For people.' })
  message!: string

  @Field(() => String, { nullable: true, description: 'The argument it is about.' })
  field!: string | null

  @Field(() => GraphQLJSON, { nullable: true, description: 'What it takes to do better.' })
  facts!: Record<string, unknown> | null
}

@ObjectType('RefundPreview', {
  description:
    'What a refund would come to, and who would bear it. Sums are null when it would be refused. Whether it takes a second person, `decision` and `Order.refundAllowance` say.',
})
@Extensions({ value: true })
export class RefundPreview {
  @Field(() => RefundPreviewProblem, {
    nullable: true,
    description: 'Why it would be refused; null: it would not.',
  })
  problem!: RefundPreviewProblem | null

  @Field(() => Money, { nullable: true, description: 'All that the buyer would get.' })
  amount!: Sum | null

  @Field(() => Money, { nullable: true, description: 'Of it for goods; for a bare amount, all of it.' })
  goods!: Sum | null

  @Field(() => Money, { nullable: true, description: 'Of it for tax on these lines.' })
  tax!: Sum | null

  @Field(() => Money, { nullable: true, description: 'Of it for shipping.' })
  shipping!: Sum | null

  @Field(() => Money, { nullable: true, description: 'What could still be given back afterwards.' })
  remaining!: Sum | null

  @Field(() => [RefundPreviewShare], { description: 'To which payments it would go back.' })
  shares!: RefundPreviewShare[]

  @Field(() => Money, { nullable: true, description: 'Taken back from the seller.' })
  fromSeller!: Sum | null

  @Field(() => Money, { nullable: true, description: "Taken back from the platform's fee." })
  fromFee!: Sum | null

  @Field(() => Money, { nullable: true, description: 'Taken back from tax.' })
  fromTax!: Sum | null

  @Field(() => Money, { nullable: true, description: 'Taken back from shipping.' })
  fromShipping!: Sum | null
}

const REFUSED: Omit<RefundPreview, 'problem'> = {
  amount: null,
  goods: null,
  tax: null,
  shipping: null,
  remaining: null,
  shares: [],
  fromSeller: null,
  fromFee: null,
  fromTax: null,
  fromShipping: null,
}

/** What of a refund each part of the payments' allocations would give. */
function bearers(
  state: OrderState,
  { shares, amount, tax, shipping }: RefundWorkedOut,
  isBare: boolean,
): Booked {
  const after = unwind(state.booked, shares, isBare ? null : namedIn({ amount, tax, shipping }))
  const taken = { seller: 0, fee: 0, tax: 0, shipping: 0 }
  for (const { paymentId } of shares)
    for (const part of Object.keys(taken) as (keyof Booked)[])
      taken[part] += state.booked[paymentId]![part] - after[paymentId]![part]
  return taken
}

/** The same working out as issueRefund's, without doing it (E39). */
export function previewRefund(state: OrderState, asked: RefundPreviewArgs): RefundPreview {
  try {
    const worked = workOutRefund(state, asked)
    const { amount, goods, tax, shipping, shares } = worked
    const from = bearers(state, worked, Boolean(asked.amount))
    const money = (minor: number) => sum(minor, amount.currency)
    return {
      problem: null,
      amount,
      goods,
      tax,
      shipping,
      shares,
      remaining: minus(state.refundable, amount),
      fromSeller: money(from.seller),
      fromFee: money(from.fee),
      fromTax: money(from.tax),
      fromShipping: money(from.shipping),
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message, field, facts } = error
    return { ...REFUSED, problem: { code, message, field, facts } }
  }
}
