import { type Subgraph, subgraph } from '#shared/subgraph.js'
import { addTicketNote } from './actions/add-ticket-note.js'
import { assignTicket } from './actions/assign-ticket.js'
import { assignTicketToMe } from './actions/assign-ticket-to-me.js'
import { changeQueue } from './actions/change-queue.js'
import { changeRoutingRules } from './actions/change-routing-rules.js'
import { closeAnonymousTicket } from './actions/close-anonymous-ticket.js'
import { closeTicket } from './actions/close-ticket.js'
import { closeTicketInSilence } from './actions/close-ticket-in-silence.js'
import { correctTicketStatus } from './actions/correct-ticket-status.js'
import { createQueue } from './actions/create-queue.js'
import { editTicketMessage } from './actions/edit-ticket-message.js'
import { filterTicket } from './actions/filter-ticket.js'
import { linkTicket } from './actions/link-ticket.js'
import { markNotificationRead } from './actions/mark-notification-read.js'
import { markTicketSafetySensitive } from './actions/mark-ticket-safety-sensitive.js'
import { mergeTickets } from './actions/merge-tickets.js'
import { noteSla } from './actions/note-sla.js'
import { openAnonymousTicket } from './actions/open-anonymous-ticket.js'
import { openTicket } from './actions/open-ticket.js'
import { postTicketMessage } from './actions/post-ticket-message.js'
import { receiveMergedTicket } from './actions/receive-merged-ticket.js'
import { reopenAnonymousTicket } from './actions/reopen-anonymous-ticket.js'
import { reopenTicket } from './actions/reopen-ticket.js'
import { replyToAnonymousTicket } from './actions/reply-to-anonymous-ticket.js'
import { replyToTicket } from './actions/reply-to-ticket.js'
import { resolveTicket } from './actions/resolve-ticket.js'
import { restoreTicket } from './actions/restore-ticket.js'
import { routeTicket } from './actions/route-ticket.js'
import { sendNotification } from './actions/send-notification.js'
import { setCoverage } from './actions/set-coverage.js'
import { setFollowUpNeeded } from './actions/set-follow-up-needed.js'
import { setSlaTerms } from './actions/set-sla-terms.js'
import { setTicketMessageVisibility } from './actions/set-ticket-message-visibility.js'
import { setTicketPriority } from './actions/set-ticket-priority.js'
import { setTicketStatus } from './actions/set-ticket-status.js'
import { snoozeTicket } from './actions/snooze-ticket.js'
import { tagTicket } from './actions/tag-ticket.js'
import { triageTicket } from './actions/triage-ticket.js'
import { unassignTicket } from './actions/unassign-ticket.js'
import { unlinkTicket } from './actions/unlink-ticket.js'
import { wakeTicket } from './actions/wake-ticket.js'
import { files } from './attachments/attachments.js'
import { begin } from './begin.js'
import { desk } from './desk/desk.js'
import { telling } from './notifications/telling.js'
import { anonymousQueries } from './queries/anonymous.js'
import { authorQueries } from './queries/authors.js'
import { bulkChanges, bulkUpdateTickets } from './queries/bulk.js'
import { deskQueries } from './queries/desk.js'
import { facetQueries } from './queries/facets.js'
import { historyQueries } from './queries/history.js'
import { markAllNotificationsRead, readingAll } from './queries/mark-all-read.js'
import { notificationQueries } from './queries/notifications.js'
import { TicketMessageRecordFields, TicketRecordFields, TicketStatusChangeFields } from './queries/record.js'
import { slaQueries } from './queries/sla.js'
import { slaReports } from './queries/sla-report.js'
import { versionFields } from './queries/versions.js'
import { WorkQueries } from './queries/work.js'
import {
  OrganizationFields,
  TicketFields,
  TicketMessageFields,
  TicketQueries,
  ticketsOfOrder,
  UserFields,
} from './queries.js'
import { closeInSilence } from './reactions/close-in-silence.js'
import { receiveMerged } from './reactions/receive-merged.js'
import { takeBackTickets } from './reactions/take-back-tickets.js'
import { tellOfAccess } from './reactions/tell-of-access.js'
import { tellOfLegal } from './reactions/tell-of-legal.js'
import { tellOfSla } from './reactions/tell-of-sla.js'
import { tellPeople } from './reactions/tell-people.js'
import { wakeTickets } from './reactions/wake-tickets.js'
import { watchSla } from './reactions/watch-sla.js'
import { Integration, Order, Organization, Site, User } from './stubs.js'
import { SUBSCRIPTIONS, TicketEventFields, TicketUpdates } from './updates.js'
import { notifications } from './views/notification.js'
import { operators } from './views/operator.js'
import { queues } from './views/queue.js'
import { routingRuleSets } from './views/routing-rule-set.js'
import { slaTermsRows } from './views/sla-terms.js'
import { tickets } from './views/ticket.js'
import { messages } from './views/ticket-message.js'

/** Tickets, what is said on them, who works on them, and what people are told. */
const support: Subgraph = subgraph({
  name: 'support',
  actions: [
    addTicketNote,
    assignTicket,
    assignTicketToMe,
    changeQueue,
    changeRoutingRules,
    closeTicket,
    closeTicketInSilence,
    correctTicketStatus,
    createQueue,
    closeAnonymousTicket,
    editTicketMessage,
    filterTicket,
    linkTicket,
    markTicketSafetySensitive,
    markNotificationRead,
    mergeTickets,
    openAnonymousTicket,
    noteSla,
    openTicket,
    postTicketMessage,
    receiveMergedTicket,
    reopenAnonymousTicket,
    reopenTicket,
    replyToAnonymousTicket,
    replyToTicket,
    resolveTicket,
    restoreTicket,
    routeTicket,
    sendNotification,
    setCoverage,
    setFollowUpNeeded,
    setSlaTerms,
    setTicketMessageVisibility,
    setTicketPriority,
    setTicketStatus,
    snoozeTicket,
    tagTicket,
    triageTicket,
    unassignTicket,
    unlinkTicket,
    wakeTicket,
    ...files.actions,
    ...desk.actions,
    ...telling.actions,
  ],
  bulks: [bulkUpdateTickets, markAllNotificationsRead],
  views: [
    tickets,
    messages,
    queues,
    operators,
    routingRuleSets,
    notifications,
    slaTermsRows,
    ...files.views,
    ...desk.views,
    ...telling.views,
  ],
  queries: [
    TicketQueries,
    TicketFields,
    TicketMessageFields,
    TicketUpdates,
    TicketEventFields,
    UserFields,
    OrganizationFields,
    ticketsOfOrder,
    WorkQueries,
    ...deskQueries,
    TicketRecordFields,
    TicketStatusChangeFields,
    TicketMessageRecordFields,
    ...notificationQueries,
    ...versionFields,
    ...anonymousQueries,
    ...slaQueries,
    ...slaReports,
    ...facetQueries,
    ...historyQueries,
    ...files.queries,
    ...desk.queries,
    ...telling.queries,
    bulkChanges(() => support.performers),
    readingAll(() => support.performers),
    ...authorQueries,
  ],
  extends: [User, Organization, Order, Site, Integration],
  reactions: [
    closeInSilence,
    wakeTickets,
    receiveMerged,
    takeBackTickets,
    tellPeople,
    watchSla,
    tellOfAccess,
    tellOfLegal,
    tellOfSla,
    ...files.reactions,
    ...desk.reactions,
    ...telling.reactions,
  ],
  begin,
  sdl: SUBSCRIPTIONS,
})

export default support
