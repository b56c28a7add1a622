import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'
import { reply, writtenBy } from '../messages.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('PostIncidentUpdateInput', {
  description: 'What the customer of one ticket is told about an incident.',
})
export class PostIncidentUpdateInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Incident', 'The incident.')
  incidentId!: string

  @text('The broadcast that it is part of.')
  updateId!: string

  @text('What to say.', { max: 20_000, multiline: true })
  body!: string
}

/** It says which text it is part of, so that who has several of the tickets is told once. */
const broadcastWith = (
  { data, refs = [], ...posted }: Draft<SupportEvents>,
  incidentUpdateId: string,
): Draft<SupportEvents> =>
  ({
    ...posted,
    data: { ...data, incidentUpdateId },
    refs: [...refs, incidentUpdateId],
  }) as Draft<SupportEvents>

/** A22. A ticket that is closed takes no more messages, and one that customers do not know of stays so: nothing happens there. */
export const postIncidentUpdate = action({
  name: 'postIncidentUpdate',
  description: 'Posts what is new about an incident on one of its tickets; by Opsgraph itself.',
  input: PostIncidentUpdateInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (_input, _tx, { identity }): Promise<Identity> => identity,

  allow: [Role.SYSTEM],

  decide(state, { updateId, body }, { newId, now, read: identity }) {
    if (state.status === null || state.status === 'CLOSED' || state.shownSince === null) return []
    const [posted, ...rest] = reply(state, { body, messageId: newId('msg'), identity, now })
    return [broadcastWith(posted!, updateId), ...rest]
  },

  emits: ['SupportReplyPosted'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
