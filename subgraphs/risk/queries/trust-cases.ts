import { Arg, Args, Ctx, FieldResolver, InputType, Query, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, given, oneOf } from '#shared/fields.js'
import { where } from '#shared/loader.js'
import { Allow } from '#shared/permissions.js'
import { lookup } from '#shared/queries.js'
import { resolverClass } from '#shared/resolver.js'
import { READERS } from '#shared/roles.js'
import { Claim, Listing, Order, Organization, Shipment, Ticket, User } from '../stubs.js'
import { TrustCase, TrustCaseState } from '../views/trust-case.js'

@InputType('TrustCaseFilter', { description: 'Which trust cases; what is left out does not matter.' })
export class TrustCaseFilter {
  @oneOf(TrustCaseState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof TrustCaseState | null

  @given('StaffMember', 'Those that this person works on.', { nullable: true })
  assigneeId?: string | null

  @given('Node', 'Those that came from this.', { nullable: true })
  fromId?: string | null
}

@Resolver()
class TrustCaseQueries {
  @Query(() => connection(TrustCase), { description: 'Trust cases, newest first.' })
  @Allow(...READERS)
  async trustCases(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => TrustCaseFilter, { nullable: true, description: 'Which ones.' })
    filter: TrustCaseFilter | null,
    @Ctx() { loaders }: Context,
  ): Promise<Page<TrustCase>> {
    const { state, assigneeId, fromId } = filter ?? {}
    const wanted = where(['state = ?', state], ['assignee_id = ?', assigneeId], ['from_id = ?', fromId])
    return loaders.list(TrustCase, wanted, page)
  }
}

/** The cases that came from an entity, or concern it. */
const casesOf = (type: Class): Class =>
  resolverClass(
    [
      {
        name: 'trustCases',
        run: async ({ id }: { id: string }, page: PageArgs, { loaders }: Context) =>
          loaders.list(TrustCase, { where: 'subject_ids @> array[$1]', values: [id] }, page),
        parameters: [Root(), Args(() => PageArgs), Ctx()],
        decorators: [
          FieldResolver(() => connection(TrustCase), {
            nullable: true,
            description: 'Trust cases that came from it or concern it, newest first.',
          }),
          Allow(...READERS),
        ],
      },
    ],
    type,
  )

export const trustCaseQueries: readonly Class[] = [
  TrustCaseQueries,
  lookup(TrustCase),
  ...[Organization, User, Listing, Order, Claim, Shipment, Ticket].map(casesOf),
]
