import { Ctx, FieldResolver, InputType, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { type Class, given, oneOf } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { edge, listOf, lookup } from '#shared/queries.js'
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
function filterOf({ state, severity, organizationId }: StrikeFilter, { services }: Context): Filter {
  const now = services.clock()
  const until = state === 'ACTIVE' || state === 'EXPIRED' ? now : null
  return where(
    ['state = ?', state === 'EXPIRED' ? StrikeState.ACTIVE : state],
    [state === 'EXPIRED' ? 'expires_at <= ?' : 'expires_at > ?', until],
    ['severity = ?', severity],
    ['organization_id = ?', organizationId],
  )
}

@Resolver(() => Strike)
class StrikeFields {
  @FieldResolver(() => StrikeState, { description: 'Whether it counts.' })
  async state(@Root() { state, expiresAt }: Strike, @Ctx() { services }: Context): Promise<Strike['state']> {
    return state === 'ACTIVE' && !inForce(expiresAt, services.clock()) ? StrikeState.EXPIRED : state
  }
}

export const strikeQueries: readonly Class[] = [
  listOf({
    name: 'strikes',
    type: Strike,
    description: 'Strikes, newest first.',
    filter: StrikeFilter,
    where: filterOf,
  }),
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
