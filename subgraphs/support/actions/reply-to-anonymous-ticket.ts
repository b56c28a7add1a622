import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { text } from '#shared/fields.js'
import { PUBLIC } from '#shared/permissions.js'
import { reply } from '../messages.js'
import { strangersKeys } from '../strangers/door.js'
import { type Opened, openedFor, requireOpened } from '../strangers/strangers.js'
import { requireOpen, ticket } from '../ticket.js'
import { STRANGERS_SIDE } from '../views/anonymous-ticket.js'

@InputType('ReplyToAnonymousTicketInput', { description: 'What to say, and on which ticket.' })
export class ReplyToAnonymousTicketInput extends ActionInput {
  @text('What openAnonymousTicket answered.', { max: 400 })
  token!: string

  @text('What to say: plain text.', { max: 20_000, multiline: true })
  body!: string
}

/** C24, D32: the answer of somebody who did not sign in. What waited for them goes on, what slept wakes. */
export const replyToAnonymousTicket = action({
  name: 'replyToAnonymousTicket',
  description: 'Says something on a ticket that was opened without signing in; its token tells which.',
  input: ReplyToAnonymousTicketInput,

  on: ticket,
  keysOf: ({ token }, caller) => strangersKeys(caller, token),
  prepare: (input, tx, caller): Promise<Opened> => openedFor(input, { tx, caller, instead: 'replyToTicket' }),
  target: (_input, { ticketId }) => ticketId,

  allow: PUBLIC,

  decide(state, { body }, { newId, now, read }) {
    requireOpened(state, read)
    requireOpen(state)
    return reply(state, { body, messageId: newId('msg'), identity: read.identity, now })
  },

  emits: ['SupportReplyPosted', 'SupportCaseUpdated'],
  returns: STRANGERS_SIDE,
})
