import { subgraph } from '#shared/subgraph.js'
import { addTicketNote } from './actions/add-ticket-note.js'
import { assignTicketToMe } from './actions/assign-ticket-to-me.js'
import { markNotificationRead } from './actions/mark-notification-read.js'
import { openTicket } from './actions/open-ticket.js'
import { replyToTicket } from './actions/reply-to-ticket.js'
import { sendNotification } from './actions/send-notification.js'
import { notificationQueries } from './queries/notifications.js'
import {
  OrderFields,
  OrganizationFields,
  TicketFields,
  TicketMessageFields,
  TicketQueries,
  UserFields,
} from './queries.js'
import { tellPeople } from './reactions/tell-people.js'
import { Order, Organization, User } from './stubs.js'
import { SUBSCRIPTIONS, TicketEventFields, TicketUpdates } from './updates.js'
import { notifications } from './views/notification.js'
import { tickets } from './views/ticket.js'
import { messages } from './views/ticket-message.js'

/** Tickets, what is said on them, and what people are told. */
export default subgraph({
  name: 'support',
  actions: [
    openTicket,
    replyToTicket,
    addTicketNote,
    assignTicketToMe,
    sendNotification,
    markNotificationRead,
  ],
  views: [tickets, messages, notifications],
  queries: [
    TicketQueries,
    TicketFields,
    TicketMessageFields,
    TicketUpdates,
    TicketEventFields,
    UserFields,
    OrganizationFields,
    OrderFields,
    ...notificationQueries,
  ],
  reactions: [tellPeople],
  extends: [User, Organization, Order],
  sdl: SUBSCRIPTIONS,
})
