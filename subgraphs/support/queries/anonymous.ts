import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { badInput, checkFirst, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, oneOf } from '#shared/fields.js'
import { Allow, PUBLIC } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { TicketCategory, TicketStatus } from '../enums.js'
import { masked } from '../mail-address.js'
import { publicName } from '../names.js'
import { ticketTokensOf } from '../strangers.js'
import { Ticket } from '../views/ticket.js'
import { MessageKind, type TicketMessage } from '../views/ticket-message.js'

@ObjectType('AnonymousTicketMessage', { description: 'Something that was said, as a stranger reads it.' })
@Extensions({ value: true })
export class AnonymousTicketMessage {
  @oneOf(MessageKind, 'What it is.')
  kind!: string

  @Field(() => String, { description: 'What was said: plain text.' })
  body!: string

  @Field(() => String, { nullable: true, description: 'Who said it; null: whoever opened the ticket.' })
  authorName!: string | null

  @Field(() => DateTime, { description: 'When (UTC).' })
  at!: Date
}

@ObjectType('AnonymousTicket', {
  description: 'The public side of a ticket that was opened without signing in.',
})
@Extensions({ value: true })
export class AnonymousTicket {
  @Field(() => String, { description: 'Its number.' })
  number!: string

  @Field(() => String, { description: 'What it is about.' })
  subject!: string

  @oneOf(TicketStatus, 'Where it stands.')
  status!: string

  @oneOf(TicketCategory, 'What it is about.')
  category!: string

  @Field(() => Int, { description: 'How many events it had that its sender may know of.' })
  version!: number

  @Field(() => DateTime, { description: 'When it was opened (UTC).' })
  createdAt!: Date

  @Field(() => DateTime, { description: 'When something last happened that its sender may know of (UTC).' })
  updatedAt!: Date

  @Field(() => DateTime, { nullable: true, description: 'When it closes by itself (UTC).' })
  closesAt!: Date | null

  @Field(() => [AnonymousTicketMessage], { description: 'What was said, newest first.' })
  messages!: AnonymousTicketMessage[]
}

async function said({ db }: Context, ticketId: string, first: number): Promise<TicketMessage[]> {
  return db.query(
    `select kind, body, author_id as "authorId", public_since as "createdAt" from support.ticket_message
     where ticket_id = $1 and visibility = 'PUBLIC' order by public_since desc, id desc limit $2`,
    [ticketId, first],
  )
}

@Resolver()
class AnonymousQueries {
  @Query(() => AnonymousTicket, {
    nullable: true,
    description:
      'The ticket that a token opens, without signing in: exactly that one, and its public side. Null when it opens none.',
  })
  @Allow(...PUBLIC)
  async anonymousTicket(
    @Arg('token', () => String, { description: 'What openAnonymousTicket answered.' }) token: string,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<AnonymousTicket | null> {
    checkFirst(first)
    if (after) throw badInput('This list has no cursors: ask for more of it with first.')
    const opened = ticketTokensOf(context).open(token)
    const [ticket]: Record<string, unknown>[] = opened
      ? await context.db.query(
          `select id, number, subject, status, category, customer_version as version, created_at as "createdAt",
             touched_at as "updatedAt", closes_at as "closesAt" from support.ticket where id = $1 and access_round = $2 and is_unverified`,
          [opened.ticketId, opened.round],
        )
      : []
    if (!ticket) return null
    const messages = await said(context, String(ticket.id), first)
    return Object.assign(new AnonymousTicket(), ticket, {
      messages: await Promise.all(
        messages.map(async ({ kind, body, authorId, createdAt }) =>
          Object.assign(new AnonymousTicketMessage(), {
            kind,
            body,
            authorName: authorId ? await publicName(context, authorId) : null,
            at: createdAt,
          }),
        ),
      ),
    })
  }
}

@Resolver(() => Ticket)
class AnonymousTicketFields {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Enough of contactEmail to recognise it: k•••@example.org.',
  })
  @Allow(...READERS)
  async maskedContact(@Root() { contactEmail }: Ticket): Promise<string | null> {
    return contactEmail && masked(contactEmail)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Enough of requesterEmail to recognise it: k•••@example.org.',
  })
  @Allow(...READERS)
  async maskedRequesterEmail(@Root() { requesterEmail }: Ticket): Promise<string | null> {
    return requesterEmail && masked(requesterEmail)
  }
}

export const anonymousQueries: readonly Class[] = [AnonymousQueries, AnonymousTicketFields]
