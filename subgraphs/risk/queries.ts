import { Arg, Ctx, FieldResolver, ID, InputType, Query, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { type Class, given, oneOf } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import { resolverClass } from '#shared/resolver.js'
import { READERS } from '#shared/roles.js'
import { inForce } from './in-force.js'
import { takedownIdOf } from './listing-takedown.js'
import { freezeIdOf } from './org-freeze.js'
import { strikeQueries } from './queries/strikes.js'
import { trustCaseQueries } from './queries/trust-cases.js'
import { Listing, Organization, User } from './stubs.js'
import { holdSummaryOf, PayoutHoldSummary, RiskSummary, riskSummaryOf } from './summaries.js'
import { ListingTakedown, ListingTakedownState } from './views/listing-takedown.js'
import { OrgFreeze } from './views/org-freeze.js'
import { PayoutHold, PayoutHoldState } from './views/payout-hold.js'
import { RiskFlag, RiskFlagKind, RiskFlagState, RiskSeverity } from './views/risk-flag.js'

@InputType('RiskFlagFilter', { description: 'Which flags; what is left out does not matter.' })
export class RiskFlagFilter {
  @oneOf(RiskFlagState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof RiskFlagState | null

  @oneOf(RiskFlagKind, 'Those of this kind.', { nullable: true })
  kind?: keyof typeof RiskFlagKind | null

  @oneOf(RiskSeverity, 'Those that are this bad.', { nullable: true })
  severity?: keyof typeof RiskSeverity | null

  @given('Node', 'Those about this.', { nullable: true })
  subjectId?: string | null
}

@Resolver()
class RiskQueries {
  @Query(() => OrgFreeze, {
    nullable: true,
    description: 'Whether an organization is frozen; null when it never was.',
  })
  @Allow(...READERS)
  async orgFreeze(
    @Arg('organizationId', () => ID, { description: 'Which organization.' }) organizationId: string,
    @Ctx() { loaders }: Context,
  ): Promise<OrgFreeze | null> {
    return loaders.one(OrgFreeze, freezeIdOf(organizationId))
  }

  @Query(() => ListingTakedown, {
    nullable: true,
    description: 'Whether a listing is taken down; null when it never was.',
  })
  @Allow(...READERS)
  async listingTakedown(
    @Arg('listingId', () => ID, { description: 'Which listing.' }) listingId: string,
    @Ctx() { loaders }: Context,
  ): Promise<ListingTakedown | null> {
    return loaders.one(ListingTakedown, takedownIdOf(listingId))
  }
}

@Resolver(() => PayoutHold)
class PayoutHoldFields {
  @FieldResolver(() => PayoutHoldState, { description: 'Where it stands.' })
  async state(
    @Root() { state, until }: PayoutHold,
    @Ctx() { services }: Context,
  ): Promise<PayoutHold['state']> {
    return state === 'ACTIVE' && !inForce(until, services.clock()) ? PayoutHoldState.EXPIRED : state
  }
}

@Resolver(() => ListingTakedown)
class ListingTakedownFields {
  @FieldResolver(() => ListingTakedownState, { description: 'Where it stands.' })
  async state(
    @Root() { state, until }: ListingTakedown,
    @Ctx() { services }: Context,
  ): Promise<ListingTakedown['state']> {
    return state === 'APPLIED' && !inForce(until, services.clock()) ? ListingTakedownState.EXPIRED : state
  }
}

type Parent = { id: string }

@Resolver(() => Organization)
class OrganizationFields {
  @FieldResolver(() => OrgFreeze, {
    nullable: true,
    description: 'Whether it is frozen; null when it never was.',
  })
  @Allow(...READERS)
  async freeze(@Root() { id }: Parent, @Ctx() { loaders }: Context) {
    return loaders.one(OrgFreeze, freezeIdOf(id))
  }

  @FieldResolver(() => PayoutHoldSummary, { nullable: true, description: 'That its money is kept back.' })
  @Allow(...READERS)
  async payoutHoldSummary(@Root() { id }: Parent, @Ctx() context: Context) {
    return holdSummaryOf(context, id)
  }
}

@Resolver(() => Listing)
class ListingFields {
  @FieldResolver(() => ListingTakedown, {
    nullable: true,
    description: 'Whether it is taken down; null when it never was.',
  })
  @Allow(...READERS)
  async takedown(@Root() { id }: Parent, @Ctx() { loaders }: Context) {
    return loaders.one(ListingTakedown, takedownIdOf(id))
  }
}

/** What of risk flags those may know who may not read them (E56). */
const summaryOn = (type: Class, whom: string): Class =>
  resolverClass(
    [
      {
        name: 'riskSummary',
        run: async ({ id }: Parent, context: Context) => riskSummaryOf(context, id),
        parameters: [Root(), Ctx()],
        decorators: [
          FieldResolver(() => RiskSummary, {
            nullable: true,
            description: `That there are risk flags on ${whom}, and of which kinds.`,
          }),
          Allow(...READERS),
        ],
      },
    ],
    type,
  )

export const queries = [
  RiskQueries,
  PayoutHoldFields,
  ListingTakedownFields,
  OrganizationFields,
  ListingFields,
  summaryOn(Organization, 'it'),
  summaryOn(User, 'them'),
  summaryOn(Listing, 'it'),
  listOf({
    name: 'riskFlags',
    type: RiskFlag,
    description: 'Risk flags, newest first.',
    filter: RiskFlagFilter,
  }),
  listOf({
    name: 'payoutHolds',
    type: PayoutHold,
    description: 'Payout holds that are in force, newest first.',
    where: (_, { services }) => ({
      where: `state = 'ACTIVE' and (until is null or until > $1)`,
      values: [services.clock()],
    }),
  }),
  lookup(RiskFlag),
  lookup(PayoutHold),
  edge(Organization, 'riskFlags', RiskFlag, 'subjectId', 'Risk flags on it, newest first.'),
  edge(User, 'riskFlags', RiskFlag, 'subjectId', 'Risk flags on them, newest first.'),
  edge(
    Organization,
    'payoutHolds',
    PayoutHold,
    'organizationId',
    'Holds on its money, newest first, over ones too.',
  ),
  ...strikeQueries,
  ...trustCaseQueries,
]
