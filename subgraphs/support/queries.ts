import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { badInput, connection, type Page, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { Allow } from '#shared/permissions.js'
import { listOn } from '#shared/queries.js'
import { forbidden } from '#shared/refusal.js'
import { READERS } from '#shared/roles.js'
import { isCustomer, TICKET_READERS } from './audience.js'
import { filterOf, TicketFilter } from './filter.js'
import { publicName } from './names.js'
import { type Order as ListOrder, TicketOrder, ticketPage } from './pages.js'
import { Order, Organization, User } from './stubs.js'
import { readTicketNumber } from './ticket-number.js'
import { Ticket } from './views/ticket.js'
import { TicketMessage } from './views/ticket-message.js'

@Resolver()
export class TicketQueries {
  @Query(() => Ticket, {
    nullable: true,
    description: "One ticket, by id or by number. Null when it is not there, or not the caller's.",
  })
  @Allow(...TICKET_READERS)
  async ticket(
    @Arg('id', () => ID, { nullable: true, description: 'Its global id.' }) id: string | null,
    @Arg('number', () => String, { nullable: true, description: 'Its number, TKT-2026-04881.' }) number:
      | string
      | null,
    @Ctx() context: Context,
  ): Promise<Ticket | null> {
    if ((id == null) === (number == null)) throw badInput('Give either id or number.')
    if (id != null) return context.loaders.one(Ticket, id)
    const known = readTicketNumber(number!)
    if (known === null)
      throw badInput(`"${number!.slice(0, 40)}" is not a ticket number: they look like TKT-2026-04881.`)
    const found = await context.loaders.list(Ticket, { where: 'number = $1', values: [known] }, { first: 1 })
    return found.nodes[0] ?? null
  }

  @Query(() => connection(Ticket), {
    description:
      'Tickets, newest first unless said otherwise: for customers, those of their accounts and their own.',
  })
  @Allow(...TICKET_READERS)
  async tickets(
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => TicketFilter, { nullable: true, description: 'Which ones.' })
    filter: TicketFilter | null,
    @Arg('order', () => TicketOrder, {
      nullable: true,
      description: 'CREATED_DESC, or CREATED_ASC for what is unaddressed, unless said otherwise.',
    })
    order: ListOrder | null,
    @Ctx() context: Context,
  ): Promise<Page<Ticket>> {
    if (isCustomer(context.identity) && order === 'ATTENTION') throw forbidden('The order ATTENTION', READERS)
    const usual = filter?.unaddressed ? 'CREATED_ASC' : 'CREATED_DESC'
    return ticketPage(context, filterOf(filter, context), order ?? usual, page)
  }
}

const ABOUT = 'linked_entity_ids @> array[$1]'

/** Tickets that belong to or are about an entity; for customers those alone that are theirs. */
const ticketsAbout = (context: Context, id: string, owner: string, page: PageArgs): Promise<Page<Ticket>> => {
  // What a ticket is linked to, customers may not read, nor find out.
  const theirs = isCustomer(context.identity) ? [owner] : [owner, ABOUT]
  return context.loaders.list(Ticket, { where: theirs.join(' or '), values: [id] }, page)
}

type Parent = { id: string }

@Resolver(() => Ticket)
export class TicketFields {
  @FieldResolver(() => String, { nullable: true, description: 'Who works on it, as customers call them.' })
  async assigneeName(@Root() { assigneeId }: Ticket, @Ctx() context: Context): Promise<string | null> {
    return publicName(context, assigneeId)
  }

  @FieldResolver(() => connection(TicketMessage), {
    description: 'What was said, newest first: for customers, what is public.',
  })
  async messages(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: Context) {
    return loaders.children(TicketMessage, 'ticketId', id, page)
  }
}

@Resolver(() => TicketMessage)
export class TicketMessageFields {
  @FieldResolver(() => String, { nullable: true, description: 'Who said it, as customers call them.' })
  async authorName(@Root() { authorId }: TicketMessage, @Ctx() context: Context): Promise<string | null> {
    return publicName(context, authorId)
  }
}

@Resolver(() => User)
export class UserFields {
  @FieldResolver(() => connection(Ticket), {
    nullable: true,
    description: 'Tickets that they opened or that are about them, newest first.',
  })
  @Allow(...TICKET_READERS)
  async tickets(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() context: Context) {
    return ticketsAbout(context, id, 'requester_id = $1', page)
  }
}

@Resolver(() => Organization)
export class OrganizationFields {
  @FieldResolver(() => connection(Ticket), {
    nullable: true,
    description: 'Tickets that belong to it or are about it, newest first.',
  })
  @Allow(...TICKET_READERS)
  async tickets(@Root() { id }: Parent, @Args(() => PageArgs) page: PageArgs, @Ctx() context: Context) {
    return ticketsAbout(context, id, 'organization_id = $1', page)
  }
}

export const ticketsOfOrder = listOn(Order, {
  name: 'tickets',
  type: Ticket,
  description: 'Tickets that are about it, newest first.',
  where: id => ({ where: ABOUT, values: [id] }),
  allow: READERS,
})
