import { Arg, Ctx, Extensions, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { UserError } from '#shared/action-schema.js'
import type { Bulk } from '#shared/bulk.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import type { Performer } from '#shared/outcome.js'
import { perform } from '#shared/perform.js'
import { Allow } from '#shared/permissions.js'
import { markNotificationRead } from '../actions/mark-notification-read.js'
import { mailboxesOf } from '../audience.js'

/** Most that one call marks. */
const MOST = 500

@InputType('MarkAllNotificationsReadInput', { description: 'That one has read everything one was told.' })
export class MarkAllNotificationsReadInput {
  @Field(() => Boolean, { defaultValue: false, description: 'Change nothing, but say how many there are.' })
  dryRun?: boolean
}

@ObjectType('MarkAllNotificationsReadPayload', { description: 'What came of it.' })
@Extensions({ value: true })
export class MarkAllNotificationsReadPayload {
  @Field(() => Int, { description: 'How many were marked, or in a dry run would be.' })
  marked!: number

  @Field(() => Int, { description: `How many are left: one call marks ${MOST} at most, the newest first.` })
  left!: number

  @Field(() => Boolean, { description: 'Nothing was changed, as asked.' })
  dryRun!: boolean

  @Field(() => [UserError], { description: 'Why one was not marked; empty when all were.' })
  userErrors!: UserError[]
}

const UNREAD = 'from support.notification where recipient_id = any($1) and not jsonb_exists(reads, $2)'

async function markAll(
  performer: Performer,
  dryRun: boolean,
  context: Context,
): Promise<MarkAllNotificationsReadPayload> {
  const { db, identity } = context
  const values = [mailboxesOf(identity), identity.personId]
  const [{ n }] = await db.query(`select count(*)::int as n ${UNREAD}`, values)
  const rows: { id: string }[] = await db.query(
    `select id ${UNREAD} order by created_at desc, id desc limit ${MOST}`,
    values,
  )
  const userErrors: UserError[] = []
  for (const { id } of dryRun ? [] : rows) {
    const outcome = await perform(performer, { notificationId: id } as never, context)
    userErrors.push(...outcome.userErrors)
  }
  const marked = rows.length - userErrors.length
  return { marked, left: n - marked, dryRun, userErrors }
}

/** D27. */
export const markAllNotificationsRead: Bulk = {
  name: 'markAllNotificationsRead',
  description: 'Says that one has read everything one was told, oneself or with an account of theirs (D27).',
  of: markNotificationRead,
  most: MOST,
}

/** `markAllNotificationsRead`, which does `markNotificationRead` again and again: with the performer of the finished subgraph. */
export function readingAll(performers: () => readonly Performer[]): Class {
  @Resolver()
  class ReadingAll {
    @Mutation(() => MarkAllNotificationsReadPayload, {
      description: markAllNotificationsRead.description,
    })
    @Allow(...markNotificationRead.allow)
    async markAllNotificationsRead(
      @Arg('input', () => MarkAllNotificationsReadInput, {
        nullable: true,
        description: 'How; may be left out.',
      })
      input: MarkAllNotificationsReadInput | null,
      @Ctx() context: Context,
    ): Promise<MarkAllNotificationsReadPayload> {
      const performer = performers().find(({ action }) => action === markNotificationRead)
      if (!performer) throw new Error('support has no markNotificationRead')
      return markAll(performer, input?.dryRun ?? false, context)
    }
  }
  return ReadingAll
}
