import { Directive, Extensions, Field, ID, Int, ObjectType } from 'type-graphql'
import { LimitScope, type LimitStatus } from '#shared/limits.js'
import { Currency, MinorUnits } from '#shared/money.js'

/** A limit as the graph shows it, in any subgraph. */
@ObjectType('LimitStatus', {
  description: 'How much one may do alone, and how much of that is used. Sums in minor units.',
})
@Directive('@shareable')
@Extensions({ value: true })
export class LimitNode {
  @Field(() => LimitScope, { description: 'Over what it is counted.' })
  scope!: LimitScope

  @Field(() => String, { description: 'Its name.' })
  name!: string

  @Field(() => String, {
    nullable: true,
    description: 'The policy that says how much; null when your roles have none, and so nothing.',
  })
  policy!: string | null

  @Field(() => Int, {
    nullable: true,
    description: 'Which version of the policy was used; 0 is the default.',
  })
  policyVersion!: number | null

  @Field(() => ID, { nullable: true, description: 'What it is counted on; null: over all.' })
  targetId!: string | null

  @Field(() => Currency, { description: 'In which currency.' })
  currency!: string

  @Field(() => MinorUnits, { nullable: true, description: 'As much as you may do alone; null: nothing.' })
  limit!: number | null

  @Field(() => MinorUnits, { description: 'Used so far.' })
  used!: number

  @Field(() => MinorUnits, { description: 'What you ask for now.' })
  asked!: number

  @Field(() => MinorUnits, { description: 'What is left before this.' })
  remaining!: number
}

/** What is left of a limit before anything more is asked. */
export const remainingOf = ({ limit, used }: Pick<LimitStatus, 'limit' | 'used'>): number =>
  Math.max(0, (limit ?? 0) - used)

/** @returns the limit with what is left of it */
export const limitNode = (status: LimitStatus): LimitNode => ({ ...status, remaining: remainingOf(status) })
