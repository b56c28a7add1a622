import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { text } from '#shared/fields.js'
import { PUBLIC } from '#shared/permissions.js'
import { strangersKeys } from '../strangers/door.js'
import { type Opened, openedFor, requireOpened } from '../strangers/strangers.js'
import { ticket } from '../ticket.js'
import { STRANGERS_SIDE } from '../views/anonymous-ticket.js'
import { type ReopeningAsked, readReopeningAsked, reopened } from './reopen-ticket.js'

@InputType('ReopenAnonymousTicketInput', { description: 'Which ticket is not over.' })
export class ReopenAnonymousTicketInput extends ActionInput {
  @text('What openAnonymousTicket answered.', { max: 400 })
  token!: string

  @text('What is new: plain text, a public message.', { nullable: true, max: 20_000, multiline: true })
  body?: string | null
}

/** C24, D50: somebody who did not sign in opens their closed ticket again. */
export const reopenAnonymousTicket = action({
  name: 'reopenAnonymousTicket',
  description: 'Opens a closed ticket again that was opened without signing in; its token tells which.',
  input: ReopenAnonymousTicketInput,
  reasons: {
    CLOSED_PREMATURELY: 'It was not over.',
    NEW_INFORMATION: 'Something new came up.',
    HAPPENED_AGAIN: 'What was resolved is there again.',
  },

  on: ticket,
  keysOf: ({ token }, caller) => strangersKeys(caller, token),
  prepare: async (input, tx, caller): Promise<Opened & ReopeningAsked> => {
    const opened = await openedFor(input, { tx, caller, instead: 'reopenTicket' })
    return { ...opened, ...(await readReopeningAsked(opened.ticketId, tx, caller)) }
  },
  target: (_input, { ticketId }) => ticketId,

  allow: PUBLIC,

  decide(state, { body }, facts): Draft<SupportEvents>[] {
    requireOpened(state, facts.read)
    return reopened(state, body, facts)
  },

  emits: ['SupportCaseReopened', 'SupportCaseUpdated', 'SupportResolutionWithdrawn', 'SupportReplyPosted'],
  returns: STRANGERS_SIDE,
})
