import { states } from '#shared/states.js'

export { WorkItemPhase, Workspace } from '#shared/work.js'

export const TicketStatus = states('TicketStatus', 'Where a ticket stands (E68).', {
  OPEN: 'Somebody here has to do something.',
  WAITING_ON_BUYER: 'The buyer has to answer.',
  WAITING_ON_SELLER: 'The seller has to answer.',
  RESOLVED: 'Done, unless the customer says otherwise.',
  CLOSED: 'Over. It takes no more replies.',
})

export const TicketPriority = states('TicketPriority', 'How soon a ticket is due.', {
  LOW: 'When there is time.',
  NORMAL: 'In its turn.',
  HIGH: 'Before normal ones.',
  URGENT: 'At once.',
})

export const TicketCategory = states('TicketCategory', 'What a ticket is about (C12).', {
  REPLY_NEEDED: 'A question that wants an answer.',
  ACCOUNT_HELP: 'Getting in, settings, members.',
  BILLING: 'Plans, fees, invoices, payouts.',
  OPERATIONAL_FOLLOW_UP: 'Something here has to be done or looked after.',
  PROBLEM_REPORT: 'Something is broken, or a listing, person or content was reported.',
  CLAIM: 'An order went wrong.',
  ACCESSIBILITY: 'Something cannot be used by everybody.',
  INCIDENT: 'Many are affected.',
})

export const TicketChannel = states('TicketChannel', 'The way a ticket came (D4).', {
  DASHBOARD: 'The customer opened it where they work.',
  EMAIL: 'By mail.',
  API: 'A machine opened it.',
  CHAT: 'From a chat.',
  INTERNAL: 'Staff opened it.',
  ANONYMOUS_FORM: 'From a form that asks for no sign-in.',
})

export const TicketStatusReason = states('TicketStatusReason', 'Why a ticket is in its state (X1).', {
  NEW: 'OPEN: nobody did anything yet.',
  CUSTOMER_REPLIED: 'OPEN: the customer said something.',
  REOPENED: 'OPEN: it was closed, and is not over.',
  WORK_RESUMED: 'OPEN: somebody here goes on with it.',
  INFORMATION_REQUESTED: 'WAITING: they were asked for information.',
  EVIDENCE_REQUESTED: 'WAITING: they were asked for evidence.',
  CONFIRMATION_REQUESTED: 'WAITING: they were asked whether it is right.',
  RETURN_EXPECTED: 'WAITING_ON_BUYER: something has to come back.',
  SHIPMENT_EXPECTED: 'WAITING_ON_SELLER: something has to be sent.',
  ANSWERED: 'RESOLVED: the question was answered.',
  FIXED: 'RESOLVED: what was wrong is right.',
  REFUNDED: 'RESOLVED: money was given back.',
  WORKAROUND: 'RESOLVED: there is another way for now.',
  DECLINED: 'RESOLVED: it will not be done.',
  NOT_REPRODUCIBLE: 'RESOLVED: it could not be found.',
  REQUESTER_CONFIRMED: 'CLOSED: the customer confirmed the resolution.',
  SILENCE: 'CLOSED: the customer did not object in time.',
  CLOSED_EARLY: 'CLOSED: a lead closed it before the time was over.',
  MERGED: 'CLOSED: it went into another ticket.',
  WITHDRAWN: 'CLOSED: whoever asked took it back before it was resolved.',
})

export const FilterState = states('FilterState', 'Whether a ticket is in the inbox (D56).', {
  INBOX: 'It is to be worked on.',
  FILTERED: 'Kept apart: nothing to do here.',
  SPAM: 'Kept apart: nobody who means it.',
})

export const EarlyClose = states(
  'EarlyCloseReason',
  'Why a lead closes a ticket before the customer confirmed or kept silent.',
  {
    CONFIRMED_ELSEWHERE: 'The customer confirmed it by another way.',
    NO_ANSWER_EXPECTED: 'There is nobody who would answer.',
    ABUSE: 'It was not meant seriously.',
    TEST: 'It was a trial.',
    OTHER: 'Something else; the note says what.',
  },
)
