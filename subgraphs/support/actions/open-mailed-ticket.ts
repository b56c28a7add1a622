import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { SupportEvents, TicketContext } from '#shared/events/support.js'
import { flag, given, text } from '#shared/fields.js'
import { newId } from '#shared/id.js'
import { Role } from '#shared/roles.js'
import { filesIn } from '../attachments/attachment-links.js'
import { filesOfMail } from '../attachments/mailed-files.js'
import { captureContext } from '../open-context.js'
import { atLeast, type Routes, readRoutes, route } from '../routing/routing.js'
import { readPromise } from '../sla/sla-terms.js'
import { ticket } from '../ticket.js'
import { nextTicketNumber } from '../ticket-number.js'
import { Ticket } from '../views/ticket.js'

/** What staff see at once: nobody knows yet who wrote it. */
const UNVERIFIED = 'unverified-sender'

@InputType('OpenMailedTicketInput', { description: 'A mail that is a ticket of its own.' })
export class OpenMailedTicketInput extends ActionInput {
  @given('InboundMail', 'The mail.')
  inboundMailId!: string

  @given('Ticket', 'The id that it is to have, when somebody was told it before.', { nullable: true })
  ticketId?: string | null

  @given('User', 'The customer whose address its sender gave; without one it is of nobody who is known.', {
    nullable: true,
  })
  personId?: string | null

  @flag('Staff made sure that it is theirs.', { default: false })
  isConfirmed?: boolean

  @text('Where answers go, of nobody who is known.', { nullable: true, max: 320 })
  contact?: string | null

  @text('What it is about.', { max: 200 })
  subject!: string

  @text('What it says: plain text.', { max: 20_000, multiline: true })
  body!: string
}

interface Read {
  ticketId: string
  number: string
  routes: Routes
  /** Their account, when they have one alone. */
  accountId: string | null
  /** Null for nobody who is known. */
  context: TicketContext | null
  promise: SlaPromise
  /** What came with the mail. */
  attachmentIds: string[]
}

async function accountOf(tx: EntityManager, personId: string): Promise<string | null> {
  const rows: { id: string }[] = await tx.query(
    `select org_id as id from access.membership where user_id = $1 and (role = 'OWNER' or support_access) limit 2`,
    [personId],
  )
  return rows.length === 1 ? rows[0]!.id : null
}

/** A1, D4, D56: by mail, from somebody who says that they are this customer. Answers go to that customer's own address, whoever wrote. */
export const openMailedTicket = action({
  name: 'openMailedTicket',
  description: `Opens a ticket from a mail, tagged ${UNVERIFIED} unless staff made sure whose it is; by Opsgraph itself.`,
  input: OpenMailedTicketInput,

  on: ticket,
  prepare: async ({ ticketId, inboundMailId, personId = null }, tx, { services }): Promise<Read> => {
    const now = services.clock()
    const accountId = personId && (await accountOf(tx, personId))
    const asking = { organizationId: accountId, requesterId: personId, site: null, now }
    return {
      ticketId: ticketId ?? newId('tkt'),
      accountId,
      number: await nextTicketNumber(tx, now),
      routes: await readRoutes(tx),
      context: personId ? await captureContext(tx, asking) : null,
      promise: await readPromise(tx, accountId, now),
      attachmentIds: await filesOfMail(tx, inboundMailId),
    }
  },

  target: (_input, { ticketId }) => ticketId,

  allow: [Role.SYSTEM],

  decide(_nothing, input, { newId, read }): Draft<SupportEvents> {
    const { inboundMailId, personId = null, isConfirmed = false, contact, subject, body } = input
    const { accountId, number, routes, context, promise, attachmentIds } = read
    const text = `${subject}\n${body}`
    const about = { category: 'REPLY_NEEDED', channel: 'EMAIL' } as const
    const plan = context?.account?.planTier ?? null
    const { priority, tags, ...routed } = route(routes, { ...about, linkTypes: [], text, plan })
    const messageId = newId('msg')
    return {
      type: 'SupportCaseOpened',
      data: {
        ...about,
        ...routed,
        number,
        priority: atLeast('NORMAL', priority),
        tags: isConfirmed ? tags : [...tags, UNVERIFIED],
        isUnverified: !isConfirmed,
        organizationId: accountId,
        requesterId: personId,
        linkedEntityIds: accountId === null && personId ? [personId] : [],
        messageId,
        visibility: 'PUBLIC',
        kind: 'USER_MESSAGE',
        // Of nobody who is known, as what strangers say.
        authorId: personId ?? '',
        sla: promise,
        inboundMailId,
        ...filesIn({ attachmentIds }),
      },
      personal: {
        subject,
        body,
        ...(context ? { context } : {}),
        ...(!personId && contact ? { contactEmail: contact } : {}),
      },
      refs: [messageId, accountId, routed.queueId, ...attachmentIds].filter(id => id !== null),
    }
  },

  emits: ['SupportCaseOpened'],
  returns: { ticket: Ticket },
})
