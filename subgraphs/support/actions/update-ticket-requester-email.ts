import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, text } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'
import { peopleAt, sameAddress } from '../mail/addresses.js'
import { participantsOf } from '../mail/inbound-mail.js'
import { isReachable } from '../mail/mail-address.js'
import { WORKERS } from '../staff.js'
import { requireTicket, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('UpdateTicketRequesterEmailInput', { description: 'Where answers of a ticket go.' })
export class UpdateTicketRequesterEmailInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @text("The address. Left out, with a customer's ticket: the one that is recorded of them again.", {
    nullable: true,
    max: 254,
  })
  email?: string | null
}

interface Read {
  contactEmail: string | null
  requesterEmail: string | null
  /** Customers and staff with the new address who may not see the ticket. */
  others: string[]
}

async function prepare(
  { ticketId, email }: UpdateTicketRequesterEmailInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Read> {
  // What the address was before is part of what happens.
  await services.store.lock(tx, [ticketId])
  const [row] = await tx.query(
    `select contact_email as contact, requester_email as own, organization_id as account, requester_id as requester
     from support.ticket where id = $1`,
    [ticketId],
  )
  const people = email ? await peopleAt(tx, email) : []
  const participants = row ? await participantsOf(tx, row, people) : []
  return {
    contactEmail: row?.contact ?? null,
    requesterEmail: row?.own ?? null,
    others: people.filter(id => !participants.includes(id)),
  }
}

/** @throws Refusal for who would read what is not theirs: staff, and customers of somebody else's */
function requireNobodyElse(others: readonly string[], isContact: boolean): void {
  if (others.some(id => prefixOf(id) === 'stf'))
    refuse('INVALID', 'That is the address of somebody who works here.', 'email')
  // Who cannot sign in asks without: their address may well be one that is recorded.
  if (others.length && !isContact)
    refuse('NOT_PARTICIPANT', 'That is the address of a customer who may not see this ticket.', 'email')
}

/**
 * D57: where answers go, of this ticket alone. Mail that waits or failed goes there when it is sent again. Of a ticket that was opened
 * without signing in it is the only address, so who had the old one does not get in any more: its tokens end.
 */
export const updateTicketRequesterEmail = action({
  name: 'updateTicketRequesterEmail',
  description:
    "Changes the address that answers of one ticket go to; nothing else that is known of the customer. They are told, at the old address too, and so is who works on it. redeliverTicketMessage then sends there what failed. Of a stranger's ticket the tokens given out before end, and a new one goes to the new address.",
  input: UpdateTicketRequesterEmailInput,
  reasons: {
    MISSPELLED: 'It was written wrongly.',
    BOUNCES: 'Mail to it comes back.',
    CUSTOMER_ASKED: 'The customer asked for it, and somebody made sure that it is them.',
    NO_LONGER_THEIRS: 'Somebody else reads what goes there.',
  },
  risk: 'SENSITIVE',

  on: ticket,
  target: input => input.ticketId,
  prepare,

  allow: WORKERS,

  decide(state, { email = null }, { read }): Draft<SupportEvents> {
    requireTicket(state)
    const { requesterId, accessRound, mergedIntoId } = state
    const { contactEmail, requesterEmail, others } = read
    if (mergedIntoId)
      refuse('INVALID_STATE', 'This ticket went into another one; go on there.', 'ticketId', { mergedIntoId })
    const isContact = requesterId === null && contactEmail !== null
    if (!isContact && requesterId === null)
      refuse('INVALID_STATE', 'No one person asks here: its account is told, each at an own address.')
    const previousEmail = isContact ? contactEmail : requesterEmail
    if (email === null && isContact) refuse('INVALID', 'There is no other address to go back to.', 'email')
    if (email === null ? previousEmail === null : sameAddress(previousEmail, email))
      refuse('UNCHANGED', 'It is so already.', 'email')
    if (email !== null && !isReachable(email))
      refuse('INVALID', 'That is no address such as kim@example.org.', 'email')
    requireNobodyElse(others, isContact)
    return {
      type: 'RequesterContactChanged',
      data: {
        of: isContact ? 'CONTACT' : 'REQUESTER',
        cleared: email === null,
        accessRound: accessRound + (isContact ? 1 : 0),
      },
      personal: { email, previousEmail },
      refs: requesterId === null ? [] : [requesterId],
    }
  },

  emits: ['RequesterContactChanged'],
  returns: { ticket: Ticket },
})
