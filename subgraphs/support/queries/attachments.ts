import { Arg, Args, Ctx, Field, FieldResolver, InputType, Resolver, Root } from 'type-graphql'
import { connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, given, instant, oneOf, text } from '#shared/fields.js'
import { bearerOf } from '#shared/file-token.js'
import { both, type Filter, where } from '#shared/loader.js'
import { perRequest } from '#shared/per-request.js'
import { Allow } from '#shared/permissions.js'
import { edge, listOf, lookup } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { ARRIVED, DOWNLOAD_LASTS, endOf, mayTake, tokensOf } from '../attachments/attachment-rules.js'
import { endsBefore, type Rules, retentionEnd, rulesAt } from '../attachments/retention.js'
import { isCustomer } from '../audience.js'
import { publicName } from '../names.js'
import { Attachment, AttachmentPurpose, AttachmentScan, AttachmentState } from '../views/attachment.js'
import { InboundMail } from '../views/inbound-mail.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

/** The rules of retention as they hold now, read once for each operation. */
const rulesFor = perRequest(({ db, services }) => rulesAt(db, services.clock()))

@InputType('AttachmentFilter', { description: 'Which files; what is left out does not matter.' })
export class AttachmentFilter {
  @given('Ticket', 'Those of this ticket.', { nullable: true })
  ticketId?: string | null

  @oneOf(AttachmentPurpose, 'Those for this.', { nullable: true })
  purpose?: keyof typeof AttachmentPurpose | null

  @oneOf(AttachmentState, 'Those that stand here; left out: all that arrived.', { nullable: true })
  state?: keyof typeof AttachmentState | null

  @oneOf(AttachmentScan, 'Those of which this is known.', { nullable: true })
  scan?: keyof typeof AttachmentScan | null

  @text('Those of this kind, e.g. image/png.', { nullable: true })
  mime?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Those under a legal hold, or those that are not.' })
  legalHold?: boolean | null

  @instant('What is there and whose retention ends before this (UTC).', { nullable: true })
  retentionBefore?: Date | null
}

const filterOf = (
  { ticketId, purpose, state, scan, mime, legalHold, retentionBefore }: AttachmentFilter,
  rules: Rules,
): Filter =>
  where(
    ['ticket_id = ?', ticketId],
    ['purpose = ?', purpose],
    ['state = ?', state],
    ['scan = ?', scan],
    ['mime = ?', mime?.toLowerCase()],
    ['legal_hold = ?', legalHold],
    [endsBefore(rules), retentionBefore],
  )

/** Files of a ticket, for customers those alone that they may know of: the count speaks of nothing else. */
@Resolver(() => Ticket)
class TicketAttachmentFields {
  @FieldResolver(() => connection(Attachment), {
    description: 'Files that were sent with it, newest first: for customers, what is public or theirs.',
  })
  async attachments(
    @Root() { id }: Ticket,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('state', () => AttachmentState, {
      nullable: true,
      description:
        'Those that stand here; left out: all that arrived, and for customers what they send themselves.',
    })
    state: keyof typeof AttachmentState | null,
    @Ctx() { loaders, identity }: Context,
  ): Promise<Page<Attachment>> {
    if (state) {
      const filter = { where: 'ticket_id = $1 and state = $2', values: [id, state] }
      return loaders.list(Attachment, filter, page)
    }
    return loaders.children(Attachment, 'ticketId', id, page, isCustomer(identity) ? 'true' : ARRIVED)
  }
}

@Resolver(() => TicketMessage)
class TicketMessageAttachmentFields {
  @FieldResolver(() => [Attachment], {
    description: 'Files that went with it; for customers, as soon as the message is theirs to read.',
  })
  async attachments(
    @Root() { attachmentIds }: TicketMessage,
    @Ctx() { loaders }: Context,
  ): Promise<Attachment[]> {
    return loaders.many(Attachment, attachmentIds)
  }
}

@Resolver(() => Attachment)
class AttachmentFields {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Where the caller takes it by GET, for 5 minutes: a path on the address of this API, for them alone. Null when it is not there, not looked at yet, or not for them.',
  })
  async downloadUrl(@Root() file: Attachment, @Ctx() context: Context): Promise<string | null> {
    const { identity, services, loaders } = context
    if (file.state !== 'READY' || file.scan === 'PENDING') return null
    const ticket =
      file.ticketId && file.retention !== 'MESSAGE' ? await loaders.one(Ticket, file.ticketId) : null
    if (!mayTake(file, ticket?.assigneeId ?? null, identity)) return null
    return tokensOf(services).address({
      purpose: 'DOWNLOAD',
      attachmentId: file.id,
      ...bearerOf(identity),
      expiresAt: endOf(services.clock(), DOWNLOAD_LASTS),
    })
  }

  @FieldResolver(() => String, { nullable: true, description: 'Who sent it, as customers call them.' })
  async uploadedByName(
    @Root() { uploadedById }: Attachment,
    @Ctx() context: Context,
  ): Promise<string | null> {
    return publicName(context, uploadedById)
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description:
      'Until when it is kept (UTC), unless a legal hold keeps it longer. Null: while its ticket is open, and for what is kept with its ticket.',
  })
  @Allow(...READERS)
  async retainedUntil(
    @Root() { retention, ticketId, addedAt }: Attachment,
    @Ctx() context: Context,
  ): Promise<Date | null> {
    const { value } = (await rulesFor(context))[retention]
    const ticket = ticketId && value.period !== null ? await context.loaders.one(Ticket, ticketId) : null
    return retentionEnd(value, ticket?.closedAt, addedAt)
  }
}

export const attachmentQueries: readonly Class[] = [
  listOf({
    name: 'attachments',
    type: Attachment,
    description: 'Files that were sent with tickets, newest first.',
    filter: AttachmentFilter,
    where: async (asked, context) => {
      const wanted = filterOf(asked, await rulesFor(context))
      return asked.state ? wanted : both(wanted, { where: ARRIVED, values: [] })
    },
    allow: READERS,
  }),
  AttachmentFields,
  TicketAttachmentFields,
  TicketMessageAttachmentFields,
  lookup(Attachment),
  edge(InboundMail, 'attachments', Attachment, 'inboundMailId', 'Files that came with it and were taken.'),
]
