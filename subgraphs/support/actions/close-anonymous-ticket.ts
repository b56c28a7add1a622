import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { text } from '#shared/fields.js'
import { PUBLIC } from '#shared/permissions.js'
import { strangersKeys } from '../strangers/door.js'
import { type Opened, openedFor, requireOpened } from '../strangers/strangers.js'
import { requireOpen, ticket } from '../ticket.js'
import { STRANGERS_SIDE } from '../views/anonymous-ticket.js'
import { confirmed, withdrawn } from './close-ticket.js'

@InputType('CloseAnonymousTicketInput', { description: 'Which ticket is over.' })
export class CloseAnonymousTicketInput extends ActionInput {
  @text('What openAnonymousTicket answered.', { max: 400 })
  token!: string
}

/** C24, D47: somebody who did not sign in confirms, or withdraws as whoever asked does. */
export const closeAnonymousTicket = action({
  name: 'closeAnonymousTicket',
  description:
    'Confirms that a resolved ticket is over that was opened without signing in, or withdraws one that is not resolved yet; its token tells which.',
  input: CloseAnonymousTicketInput,

  on: ticket,
  keysOf: ({ token }, caller) => strangersKeys(caller, token),
  prepare: (input, tx, caller): Promise<Opened> => openedFor(input, { tx, caller, instead: 'closeTicket' }),
  target: (_input, { ticketId }) => ticketId,

  allow: PUBLIC,

  decide(state, _input, { read }): Draft<SupportEvents> {
    requireOpened(state, read)
    requireOpen(state)
    return state.status === 'RESOLVED' ? confirmed(state) : withdrawn(state)
  },

  emits: ['SupportCaseClosed'],
  returns: { ticket: STRANGERS_SIDE.ticket },
})
