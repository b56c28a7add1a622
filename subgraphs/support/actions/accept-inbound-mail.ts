import { Field, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { MailEvents } from '#shared/events/mail.js'
import { given, oneOf } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'
import { peopleAt, sameAddress } from '../mail/addresses.js'
import { type InboundState, inboundMail, participantsOf, requireReviewable } from '../mail/inbound-mail.js'
import { WORKERS } from '../staff.js'
import { InboundAcceptance, InboundMail } from '../views/inbound-mail.js'

@InputType('AcceptInboundMailInput', { description: 'What a mail that was kept apart becomes.' })
export class AcceptInboundMailInput extends ActionInput {
  @given('InboundMail', 'The mail.')
  inboundMailId!: string

  @oneOf(InboundAcceptance, 'What it becomes.')
  as!: keyof typeof InboundAcceptance

  @given('Ticket', 'For FOLLOW_UP: the ticket that it belongs to.', { nullable: true })
  ticketId?: string | null

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'You made sure, otherwise than by its From, that it is from the customer whose address it bears. Unless you did, it stays unverified: a ticket of nobody, or a note.',
  })
  senderConfirmed!: boolean

  @given('User', 'Which customer, where several have the address.', { nullable: true })
  requesterId?: string | null
}

/** The ticket that it is to belong to. */
interface Target {
  id: string
  account: string | null
  requester: string | null
  contact: string | null
  own: string | null
  mergedIntoId: string | null
}

interface Read {
  /** The address that its sender gave; null once it was erased. */
  sender: string | null
  ticket: Target | null
  /** Customers with that address; of a ticket, those who may see it. */
  customers: string[]
}

async function prepare(
  { inboundMailId, ticketId }: AcceptInboundMailInput,
  tx: EntityManager,
): Promise<Read> {
  const [mail] = await tx.query('select sender from support.inbound_mail where id = $1', [inboundMailId])
  const [ticket]: Target[] = ticketId
    ? await tx.query(
        `select id, organization_id as account, requester_id as requester, contact_email as contact, requester_email as own,
           merged_into_id as "mergedIntoId" from support.ticket where id = $1`,
        [ticketId],
      )
    : []
  const sender: string | null = mail?.sender ?? null
  const people = sender ? (await peopleAt(tx, sender)).filter(id => prefixOf(id) === 'usr') : []
  const own = ticket?.requester && sender && sameAddress(ticket.own, sender) ? [ticket.requester] : []
  const theirs = ticket ? [...own, ...(await participantsOf(tx, ticket, people))] : people
  return { sender, ticket: ticket ?? null, customers: [...new Set(theirs)] }
}

/** Whose it is, as far as somebody says that they made sure. */
function confirmed(
  { senderConfirmed, requesterId = null }: AcceptInboundMailInput,
  { sender, ticket, customers }: Read,
): { personId: string | null; isContact: boolean } {
  if (!senderConfirmed) {
    if (requesterId) refuse('INVALID', 'Say that you made sure: senderConfirmed.', 'requesterId')
    return { personId: null, isContact: false }
  }
  if (requesterId && !customers.includes(requesterId))
    refuse(
      'NOT_PARTICIPANT',
      'It does not bear the address of this customer, or not for this ticket.',
      'requesterId',
    )
  if (!requesterId && customers.length > 1)
    refuse('INVALID', 'Several customers have this address; say which.', 'requesterId', { customers })
  const personId = requesterId ?? customers[0] ?? null
  const isContact = personId === null && sender !== null && sameAddress(ticket?.contact, sender)
  if (personId === null && !isContact)
    refuse(
      'UNKNOWN_REFERENCE',
      'It bears the address of no customer who could have written it here.',
      'senderConfirmed',
    )
  return { personId, isContact }
}

function requireTarget({ as, ticketId }: AcceptInboundMailInput, { ticket }: Read): void {
  if (as === 'NEW_TICKET') {
    if (ticketId) refuse('INVALID', 'A new ticket is made; name none.', 'ticketId')
    return
  }
  if (!ticketId) refuse('INVALID', 'Say which ticket it belongs to.', 'ticketId')
  if (!ticket) refuse('NOT_FOUND', 'There is no such ticket.', 'ticketId')
  const { mergedIntoId } = ticket
  if (mergedIntoId)
    refuse('INVALID_STATE', 'That ticket went into another one; it belongs there.', 'ticketId', {
      mergedIntoId,
    })
}

/** D56: what was kept apart is found, and brought back. From alone proves nothing: only somebody who says so makes it a customer's. */
export const acceptInboundMail = action({
  name: 'acceptInboundMail',
  description:
    'Makes a ticket, or what somebody says on a ticket, of a mail that was kept apart. Unless senderConfirmed, a ticket of it is unverified and nobody’s, answered to the address it bears, and on a ticket it is a note.',
  input: AcceptInboundMailInput,
  reasons: {
    REAL_QUESTION: 'Somebody asks for something.',
    WRONGLY_FILTERED: 'It should not have been kept apart.',
    KNOWN_OTHERWISE: 'It is known otherwise, by telephone or in the app, that it is theirs.',
    OTHER: 'Something else; the note says what.',
  },
  risk: 'SENSITIVE',

  on: inboundMail,
  target: input => input.inboundMailId,
  prepare,

  allow: WORKERS,

  decide(state: InboundState, input, { read, newId }): Draft<MailEvents> {
    requireReviewable(state)
    if (state.review === 'ACCEPTED') refuse('INVALID_STATE', 'It was taken in already.', 'inboundMailId')
    if (read.sender === null) refuse('INVALID_STATE', 'What it said was erased.', 'inboundMailId')
    requireTarget(input, read)
    const { personId, isContact } = confirmed(input, read)
    const ticketId = input.ticketId ?? newId('tkt')
    return {
      type: 'InboundMailAccepted',
      data: { as: input.as, ticketId, personId, isContact },
      refs: [ticketId, personId].filter(id => id !== null),
    }
  },

  emits: ['InboundMailAccepted'],
  returns: { mail: InboundMail },
})
