import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Allow } from '#shared/permissions.js'
import { isPolicyKey, POLICY_KEYS } from '#shared/policies.js'
import { READERS } from '#shared/roles.js'
import { Policy, policiesAt, policyById } from './policy.js'
import { PolicyVersion } from './policy-version.js'

/** Decided, not yet in effect, and not replaced from an earlier or the same day on by a later decision. */
const UPCOMING = `policy_id = $1 and effective_from > $2 and not exists (
  select from policy.version later where later.policy_id = policy.version.policy_id
    and later.version > policy.version.version and later.effective_from <= policy.version.effective_from)`

@Resolver()
export class PolicyQueries {
  @Query(() => [Policy], { description: 'Every rule that is data, with what holds now (E78).' })
  @Allow(...READERS)
  async policies(@Ctx() { db, services }: Context): Promise<Policy[]> {
    return policiesAt(db, POLICY_KEYS, services.clock())
  }

  @Query(() => Policy, { nullable: true, description: 'One rule by its key; null when there is none.' })
  @Allow(...READERS)
  async policy(
    @Arg('key', () => String, { description: 'Its key, e.g. refund.limit.SUPPORT_AGENT.' }) key: string,
    @Ctx() { db, services }: Context,
  ): Promise<Policy | null> {
    return isPolicyKey(key) ? (await policiesAt(db, [key], services.clock()))[0]! : null
  }
}

@Resolver(() => Policy)
export class PolicyFields {
  @FieldResolver(() => [PolicyVersion], {
    description: 'Changes that were decided and will come, the next one first.',
  })
  async upcoming(@Root() { id }: Policy, @Ctx() { loaders, services }: Context): Promise<PolicyVersion[]> {
    const filter = { where: UPCOMING, values: [id, services.clock()] }
    const { nodes } = await loaders.list(PolicyVersion, filter, { first: 100 })
    return nodes.toSorted((a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime())
  }

  @FieldResolver(() => connection(PolicyVersion), { description: 'Every change, the newest first.' })
  async history(
    @Root() { id }: Policy,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: Context,
  ): Promise<Page<PolicyVersion>> {
    return loaders.children(PolicyVersion, 'policyId', id, page)
  }
}

@Resolver(() => PolicyVersion)
export class PolicyVersionFields {
  @FieldResolver(() => Policy, { nullable: true, description: 'The policy as it stands now.' })
  async policy(
    @Root() { policyId }: PolicyVersion,
    @Ctx() { db, services }: Context,
  ): Promise<Policy | null> {
    return policyById(policyId, db, services.clock())
  }
}
