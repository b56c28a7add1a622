import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { PUBLIC } from '#shared/permissions.js'
import { refuse } from '#shared/refusal.js'
import { strangersKeys } from '../door.js'
import { reply } from '../messages.js'
import { ANSWERS, countStranger, requireStranger, ticketTokensOf } from '../strangers.js'
import { requireOpen, requireTicket, ticket } from '../ticket.js'

@InputType('ReplyToAnonymousTicketInput', { description: 'What to say, and on which ticket.' })
export class ReplyToAnonymousTicketInput extends ActionInput {
  @text('What openAnonymousTicket answered.', { max: 400 })
  token!: string

  @text('What to say: plain text.', { max: 20_000, multiline: true })
  body!: string
}

interface Answering {
  ticketId: string
  round: number
  identity: Identity
}

function refuseToken(): never {
  refuse('NOT_FOUND', 'This token opens no ticket.', 'token')
}

async function prepare(
  { token }: ReplyToAnonymousTicketInput,
  tx: EntityManager,
  caller: Caller,
): Promise<Answering> {
  requireStranger(caller.identity, 'replyToTicket')
  const opened = ticketTokensOf(caller).open(token)
  if (opened === null) refuseToken()
  await countStranger(tx, caller, `answers on ${opened.ticketId}`, ANSWERS)
  return { ...opened, identity: caller.identity }
}

/** C24, D32: the answer of somebody who did not sign in. What waited for them goes on, what slept wakes. */
export const replyToAnonymousTicket = action({
  name: 'replyToAnonymousTicket',
  description: 'Says something on a ticket that was opened without signing in; its token tells which.',
  input: ReplyToAnonymousTicketInput,

  on: ticket,
  keysOf: ({ token }, caller) => strangersKeys(caller, token),
  prepare,
  target: (_input, { ticketId }) => ticketId,

  allow: PUBLIC,

  decide(state, { body }, { newId, now, read: { identity, round } }) {
    if (state.accessRound !== round) refuseToken()
    requireTicket(state, state.openedByKind === 'ANONYMOUS')
    requireOpen(state)
    return reply(state, { body, messageId: newId('msg'), identity, now })
  },

  emits: ['SupportReplyPosted', 'SupportCaseUpdated'],
  returns: {},
})
