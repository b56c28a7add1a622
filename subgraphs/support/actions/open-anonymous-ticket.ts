import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import type { SlaPromise } from '#shared/events/sla.js'
import { oneOf, text } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import { PUBLIC } from '#shared/permissions.js'
import { refuse } from '#shared/refusal.js'
import { TicketCategory } from '../enums.js'
import { isReachable } from '../mail/mail-address.js'
import { atLeast, type Routes, readRoutes, route } from '../routing/routing.js'
import { readPromise } from '../sla/sla-terms.js'
import { requireOpenDoor, requirePerson, strangersKeys } from '../strangers/door.js'
import {
  countStranger,
  networkOf,
  OPENINGS,
  requireStranger,
  ticketTokensOf,
} from '../strangers/strangers.js'
import { type Happening, ticket } from '../ticket.js'
import { nextTicketNumber } from '../ticket-number.js'
import { placed } from './open-ticket.js'

@InputType('OpenAnonymousTicketInput', { description: 'What is the matter, and where to answer.' })
export class OpenAnonymousTicketInput extends ActionInput {
  @text('What it is about, in a line.', { max: 200 })
  subject!: string

  @text('What is the matter: the first message. Plain text.', { max: 20_000, multiline: true })
  description!: string

  @oneOf(TicketCategory, 'What it is about.', { default: TicketCategory.REPLY_NEEDED })
  category?: keyof typeof TicketCategory

  @text('The address at which staff can reach whoever asks. Nobody verifies it.', { max: 254 })
  contact!: string

  @text(
    'What solving the challenge of the page gave, where this installation asks for one; good for one call.',
    {
      nullable: true,
      max: 8192,
    },
  )
  challengeToken?: string | null

  @text('What they are called.', { nullable: true, max: 120 })
  name?: string | null
}

interface Opening {
  ticketId: string
  number: string
  routes: Routes
  promise: SlaPromise
  accessToken: string
}

async function prepare(
  { contact }: OpenAnonymousTicketInput,
  tx: EntityManager,
  caller: Caller,
): Promise<Opening> {
  if (!isReachable(contact)) refuse('INVALID', 'That is no address such as kim@example.org.', 'contact')
  await countStranger(tx, caller, `opens from ${networkOf(caller.identity.address)}`, OPENINGS)
  await countStranger(tx, caller, `opens for ${contact.toLowerCase()}`, OPENINGS)
  const ticketId = newId('tkt')
  return {
    ticketId,
    number: await nextTicketNumber(tx, caller.services.clock()),
    routes: await readRoutes(tx),
    promise: await readPromise(tx, null, caller.services.clock()),
    accessToken: ticketTokensOf(caller).sign(ticketId),
  }
}

/** A1, C24, X17: a ticket of somebody who did not sign in. It belongs to no account, and what it says of its sender is not verified. */
export const openAnonymousTicket = action({
  name: 'openAnonymousTicket',
  description: `Opens a ticket without signing in, at most ${OPENINGS} times an hour from one network or for one address; where this installation offers it, and once the challenge that it asks for is solved. The answer has the token that opens it again.`,
  input: OpenAnonymousTicketInput,

  on: ticket,
  async guard(input, caller) {
    requireStranger(caller.identity, 'openTicket')
    requireOpenDoor(caller)
    await requirePerson(input.challengeToken, caller)
    // It proved this call; a repeated one shows another.
    input.challengeToken = null
  },
  keysOf: ({ contact }, caller) => strangersKeys(caller, contact.toLowerCase()),
  prepare,
  target: (_input, { ticketId }) => ticketId,

  allow: PUBLIC,

  decide(
    _nothing,
    { subject, description, category = 'REPLY_NEEDED', contact, name },
    { newId, read },
  ): Happening {
    const text = `${subject}\n${description}`
    const channel = 'ANONYMOUS_FORM'
    const routed = route(read.routes, { category, channel, linkTypes: [], text, plan: null })
    const messageId = newId('msg')
    return {
      type: 'SupportCaseOpened',
      data: {
        number: read.number,
        category,
        channel,
        organizationId: null,
        requesterId: null,
        linkedEntityIds: [],
        visibility: 'PUBLIC',
        kind: 'USER_MESSAGE',
        priority: atLeast('NORMAL', routed.priority),
        ...placed(routed),
        sla: read.promise,
        isUnverified: true,
        messageId,
      },
      personal: { subject, body: description, contactEmail: contact, contactName: name ?? null },
      refs: [messageId, routed.queueId].filter(id => id !== null),
    }
  },

  emits: ['SupportCaseOpened'],
  returns: {
    number: { once: ({ number }: Opening) => number, description: 'Its number; null in a repeated answer.' },
    accessToken: {
      once: ({ accessToken }: Opening) => accessToken,
      description:
        'Whoever has it reads the public side of this ticket with anonymousTicket and answers with replyToAnonymousTicket. Shown this once.',
    },
  },
})
