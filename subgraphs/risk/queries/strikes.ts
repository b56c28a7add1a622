import { Arg, Args, Ctx, FieldResolver, InputType, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, given, oneOf } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { edge, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { inForce } from '../in-force.js'
import { Order, Organization } from '../stubs.js'
import { Strike, StrikeSeverity, StrikeState } from '../views/strike.js'

@InputType('StrikeFilter', { description: 'Which strikes; what is left out does not matter.' })
export class StrikeFilter {
  @oneOf(StrikeState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof StrikeState | null

  @oneOf(StrikeSeverity, 'Those that weigh this much.', { nullable: true })
  severity?: keyof typeof StrikeSeverity | null

  @given('Organization', 'Those of this seller.', { nullable: true })
  organizationId?: string | null
}

/** What ended by itself says so nowhere: the clock does. */
function filterOf({ state, severity, organizationId }: StrikeFilter, now: Date): Filter {
  const until = state === 'ACTIVE' || state === 'EXPIRED' ? now : null
  return where(
    ['state = ?', state === 'EXPIRED' ? StrikeState.ACTIVE : state],
    [state === 'EXPIRED' ? 'expires_at <= ?' : 'expires_at > ?', until],
    ['severity = ?', severity],
    ['organization_id = ?', organizationId],
  )
}

@Resolver()
class StrikeQueries {
  @Query(() => connection(Strike), { description: 'Strikes, newest first.' })
  @Allow(...READERS)
  async strikes(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => StrikeFilter, { nullable: true, description: 'Which ones.' })
    filter: StrikeFilter | null,
    @Ctx() { loaders, services }: Context,
  ): Promise<Page<Strike>> {
    return loaders.list(Strike, filterOf(filter ?? {}, services.clock()), page)
  }
}

@Resolver(() => Strike)
class StrikeFields {
  @FieldResolver(() => StrikeState, { description: 'Whether it counts.' })
  async state(@Root() { state, expiresAt }: Strike, @Ctx() { services }: Context): Promise<Strike['state']> {
    return state === 'ACTIVE' && !inForce(expiresAt, services.clock()) ? StrikeState.EXPIRED : state
  }
}

export const strikeQueries: readonly Class[] = [
  StrikeQueries,
  StrikeFields,
  lookup(Strike),
  edge(
    Organization,
    'strikes',
    Strike,
    'organizationId',
    'Strikes it was given, newest first, over ones too.',
  ),
  edge(Order, 'strikes', Strike, 'orderId', 'Strikes that were given for it, newest first.'),
]
