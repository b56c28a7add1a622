import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { badInput, checkFirst, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { Allow, PUBLIC } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import { maskedAddress } from '#shared/text.js'
import { ticketTokensOf } from '../strangers/strangers.js'
import { AnonymousTicket, anonymousTicket } from '../views/anonymous-ticket.js'
import { Ticket } from '../views/ticket.js'

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
    return opened && anonymousTicket(context.db, { ...opened, first })
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
    return contactEmail && maskedAddress(contactEmail)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Enough of requesterEmail to recognise it: k•••@example.org.',
  })
  @Allow(...READERS)
  async maskedRequesterEmail(@Root() { requesterEmail }: Ticket): Promise<string | null> {
    return requesterEmail && maskedAddress(requesterEmail)
  }
}

export const anonymousQueries: readonly Class[] = [AnonymousQueries, AnonymousTicketFields]
