import { subgraph } from '#shared/subgraph.js'
import { addTicketNote } from './actions/add-ticket-note.js'
import { assignTicketToMe } from './actions/assign-ticket-to-me.js'
import { openTicket } from './actions/open-ticket.js'
import { replyToTicket } from './actions/reply-to-ticket.js'
import {
  OrderFields,
  OrganizationFields,
  TicketFields,
  TicketMessageFields,
  TicketQueries,
  UserFields,
} from './queries.js'
import { Order, Organization, User } from './stubs.js'
import { SUBSCRIPTIONS, TicketEventFields, TicketUpdates } from './updates.js'
import { tickets } from './views/ticket.js'
import { messages } from './views/ticket-message.js'

/** Tickets, and what is said on them. */
export default subgraph({
  name: 'support',
  actions: [openTicket, replyToTicket, addTicketNote, assignTicketToMe],
  views: [tickets, messages],
  queries: [
    TicketQueries,
    TicketFields,
    TicketMessageFields,
    TicketUpdates,
    TicketEventFields,
    UserFields,
    OrganizationFields,
    OrderFields,
  ],
  extends: [User, Organization, Order],
  sdl: SUBSCRIPTIONS,
})
