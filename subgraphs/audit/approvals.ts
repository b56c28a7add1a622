import { Arg, Args, Ctx, Field, FieldResolver, ID, InputType, Query, Resolver, Root } from 'type-graphql'
import { Approval, ApprovalState } from '#shared/approval.js'
import { readCatalog } from '#shared/catalog.js'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { streamKey } from '#shared/event-store.js'
import type { Identity } from '#shared/identity.js'
import type { Filter } from '#shared/loader.js'
import { Node } from '#shared/node.js'
import { batched } from '#shared/per-request.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { entityById } from './nodes.js'

@InputType('ApprovalFilter', { description: 'Which requests; every condition has to hold.' })
export class ApprovalFilter {
  @Field(() => ApprovalState, { nullable: true, description: 'Only those that stand here.' })
  state?: ApprovalState | null

  @Field(() => String, { nullable: true, description: 'Only for this mutation, e.g. issueRefund.' })
  action?: string | null

  @Field(() => ID, { nullable: true, description: 'Only about this entity.' })
  targetId?: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only those you could decide now. False: only the others.',
  })
  iCanVote?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: only those you asked for. False: only the others.',
  })
  requestedByMe?: boolean | null
}

/** A person decides what others asked for, in time, with a role that counts; never what they asked for themselves. */
export const canVote = (approval: Approval, identity: Identity, now: Date): boolean =>
  approval.state === 'PENDING' &&
  approval.expiresAt > now &&
  approval.requesterId !== identity.personId &&
  approval.approverRoles.some(role => identity.roles.includes(role))

function filterOf(filter: ApprovalFilter, identity: Identity, now: Date): Filter {
  const values: unknown[] = []
  const conditions = ['true']
  const place = (value: unknown) => `$${values.push(value)}`
  if (filter.state) conditions.push(`state = ${place(filter.state)}`)
  if (filter.action) conditions.push(`action = ${place(filter.action)}`)
  if (filter.targetId) conditions.push(`target_id = ${place(filter.targetId)}`)
  if (filter.requestedByMe != null)
    conditions.push(`requester_id ${filter.requestedByMe ? '=' : '<>'} ${place(identity.personId)}`)
  if (filter.iCanVote != null) {
    const open = `state = 'PENDING' and expires_at > ${place(now)}`
    const mine = `requester_id <> ${place(identity.personId)} and approver_roles && ${place([...identity.roles])}::text[]`
    conditions.push(`${filter.iCanVote ? '' : 'not '}(${open} and ${mine})`)
  }
  return { where: conditions.join(' and '), values }
}

/** Versions of the targets as they are now; the catalogue knows what type of target an action has. */
const versionNow = batched<Approval, number>(
  async ({ db, services }, approvals) => {
    const { actions } = readCatalog()
    const streams = approvals.map(({ action, targetId }) => ({
      type: actions.find(({ name }) => name === action)?.target ?? '',
      id: targetId,
    }))
    const versions = await services.store.versions(db, streams)
    return streams.map(stream => versions.get(streamKey(stream)) ?? 0)
  },
  { cache: false },
)

@Resolver()
export class ApprovalQueries {
  @Query(() => Approval, { nullable: true, description: 'One request for a second person.' })
  @Allow(...READERS)
  async approval(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { loaders }: Context,
  ) {
    return loaders.one(Approval, id)
  }

  @Query(() => connection(Approval), {
    description: 'Requests for a second person, newest first: the inbox of who decides.',
  })
  @Allow(...READERS)
  async approvals(
    @Arg('filter', () => ApprovalFilter, { nullable: true, description: 'Which; all when left out.' })
    filter: ApprovalFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders, identity, services }: Context,
  ): Promise<Page<Approval>> {
    return loaders.list(Approval, filterOf(filter ?? {}, identity, services.clock()), page)
  }
}

@Resolver(() => Approval)
export class ApprovalFields {
  @FieldResolver(() => Node, {
    nullable: true,
    description: 'What it acts on; null when that does not exist yet, or is not yours to read.',
  })
  async target(@Root() { targetId }: Approval, @Ctx() context: Context) {
    return entityById(context, targetId)
  }

  @FieldResolver(() => Boolean, {
    description:
      'Its target changed since it was asked for: look again before deciding. Approving acts on the target as it is now.',
  })
  async isStale(@Root() approval: Approval, @Ctx() context: Context): Promise<boolean> {
    if (approval.state !== 'PENDING') return false
    return (await versionNow(context, approval)) !== approval.targetVersion
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether you could decide it now: it waits, you did not ask for it, and your role counts.',
  })
  async iCanVote(@Root() approval: Approval, @Ctx() { identity, services }: Context): Promise<boolean> {
    return canVote(approval, identity, services.clock())
  }
}
