import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { flag, given, text } from '#shared/fields.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import { Role } from '#shared/roles.js'
import { filesOfMail } from '../attachments/mailed-files.js'
import { note, reply } from '../messages.js'
import { openedAgain, type Reopening, readReopening } from '../reopening.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('TakeMailInInput', { description: 'What came by mail, for which ticket.' })
export class TakeMailInInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('InboundMail', 'The mail.')
  inboundMailId!: string

  @given('User', 'The customer whose answer it is.', { nullable: true })
  personId?: string | null

  @flag('It is an answer of who opened the ticket without signing in. Neither they nor a customer: a note.', {
    default: false,
  })
  isContact?: boolean

  @text('What it says: plain text.', { max: 20_000, multiline: true })
  body!: string
}

/** A customer, as far as a mail makes one: it says something on a ticket, and nothing else. */
const byMail = (personId: string | null | undefined): Identity =>
  personId ? { ...ANONYMOUS, kind: 'REQUESTER', personId, roles: [Role.REQUESTER] } : ANONYMOUS

interface Read extends Reopening {
  /** What came with the mail. */
  attachmentIds: string[]
}

/** The message as written by the customer, and by which mail it came. */
const marked = (draft: Draft<SupportEvents>, by: { authorId?: string; inboundMailId: string }) =>
  draft.type === 'SupportReplyPosted' || draft.type === 'SupportNoteAdded'
    ? ({ ...draft, data: { ...draft.data, ...by } } as Draft<SupportEvents>)
    : draft

/** D28, C15: an answer of the customer when that is sure enough, otherwise a note that customers never see. */
export const takeMailIn = action({
  name: 'takeMailIn',
  description: 'Puts what came by mail on its ticket; by Opsgraph itself.',
  input: TakeMailInInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async ({ ticketId, inboundMailId }, tx, { services }): Promise<Read> => ({
    ...(await readReopening(ticketId, tx, services.clock())),
    attachmentIds: await filesOfMail(tx, inboundMailId),
  }),

  allow: [Role.SYSTEM],

  decide(state, { personId, isContact, inboundMailId, body }, { newId, now, read }): Draft<SupportEvents>[] {
    requireTicket(state)
    const messageId = newId('msg')
    const { attachmentIds } = read
    // It went into another ticket in this very moment: staff read it here.
    if (!(personId || isContact) || state.mergedIntoId)
      return [marked(note(body, messageId, attachmentIds), { inboundMailId })]
    const closed = state.status === 'CLOSED'
    const identity = byMail(personId)
    const saying = { body, messageId, identity, now, attachmentIds }
    const said = reply(closed ? { ...state, status: 'OPEN' } : state, saying)
    // An answer to what is closed opens it again, as the customer could themselves.
    return [...(closed ? openedAgain(state, read) : []), ...said].map(draft =>
      marked(draft, { authorId: identity.personId, inboundMailId }),
    )
  },

  emits: ['SupportReplyPosted', 'SupportNoteAdded', 'SupportCaseReopened', 'SupportCaseUpdated'],
  returns: { ticket: Ticket },
})
