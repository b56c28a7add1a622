import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type { MailConfig } from '#shared/config.js'
import type { InboundDisposition, MailEvents } from '#shared/events/mail.js'
import { prefixOf } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'
import type { Services } from '#shared/services.js'
import { peopleAt, sameAddress } from './addresses.js'
import { readChannels, senderIn } from './channels.js'
import { deliveryOf } from './mail.js'
import { readReplyAddress } from './reply-address.js'

/** Whether somebody has to look at a mail, or did. */
export type InboundReview = 'NONE' | 'WAITING' | 'ACCEPTED' | 'DISMISSED'

/** What decisions about a mail rest on. */
export interface InboundState {
  isKnown: boolean
  disposition: InboundDisposition | null
  review: InboundReview
}

/** A mail that came in; one stream for each Message-ID, so that bringing it again changes nothing. */
export const inboundMail = aggregate<InboundState, MailEvents>({
  type: 'InboundMail',
  prefix: 'inm',
  initial: { isKnown: false, disposition: null, review: 'NONE' },
  evolve: {
    MailReceived: (_, { disposition }) => ({ isKnown: true, disposition, review: reviewOf(disposition) }),
    InboundMailAccepted: state => ({ ...state, review: 'ACCEPTED' }),
    InboundMailDismissed: state => ({ ...state, review: 'DISMISSED' }),
  },
})

/** What machines send is kept apart too, but waits for nobody. */
export const reviewOf = (disposition: InboundDisposition): InboundReview =>
  disposition === 'FILTERED' ? 'WAITING' : 'NONE'

/** @throws Refusal NOT_FOUND, or INVALID_STATE for a mail that was not kept apart */
export function requireReviewable({ isKnown, disposition }: InboundState): void {
  if (!isKnown) refuse('NOT_FOUND', 'There is no such mail.', 'inboundMailId')
  if (disposition !== 'FILTERED' && disposition !== 'AUTOMATIC')
    refuse('INVALID_STATE', 'It was not kept apart; go on with its ticket.', 'inboundMailId', { disposition })
}

/** A mail, as far as it is decided by. */
export interface Incoming {
  from: string
  recipients: readonly string[]
  /** A machine wrote it: an auto-reply, a list, a report. */
  automatic: boolean
  /** The Message-ID of ours that it gives back; null unless it is such a report. */
  bounceOf: string | null
}

/** What is known about it here. */
export interface KnownMail {
  /** A reply address that was written to; null without one. */
  signed: 'RIGHT' | 'FORGED' | null
  /** The ticket of a right one. */
  ticketId: string | null
  /** People with the sender's address. */
  people: readonly string[]
  /** The one of them who may see that ticket. */
  participant: string | null
  /** The sender's address is that of who opened the ticket without signing in. */
  isContact: boolean
  /** The sender is this very mail system. */
  isOurs: boolean
  bounced: { deliveryId: string; round: number } | null
}

/** Tickets that went into others, so far. */
const MERGES = 5

async function ticketBy(db: EntityManager, number: string): Promise<{ id: string; people: Whose } | null> {
  const [row] = await db.query(
    `with recursive chain as (
       select id, merged_into_id, organization_id, requester_id, contact_email, requester_email, 0 as depth from support.ticket where number = $1
       union all
       select t.id, t.merged_into_id, t.organization_id, t.requester_id, t.contact_email, t.requester_email, depth + 1
       from chain join support.ticket t on t.id = chain.merged_into_id where depth < $2)
     select id, organization_id, requester_id, contact_email, requester_email from chain order by depth desc limit 1`,
    [number, MERGES],
  )
  if (!row) return null
  const {
    id,
    organization_id: account,
    requester_id: requester,
    contact_email: contact,
    requester_email: own,
  } = row
  return { id, people: { account, requester, contact, own } }
}

interface Owners {
  account: string | null
  requester: string | null
}

interface Whose extends Owners {
  /** Of who opened it without signing in. */
  contact: string | null
  /** Where answers go to the customer, for this ticket alone. */
  own: string | null
}

/** Those of these people who may see a ticket: who asked, first, and who may see those of its account (D15). */
export async function participantsOf(
  db: EntityManager,
  { account, requester }: Owners,
  people: readonly string[],
): Promise<string[]> {
  const asked = people.filter(id => id === requester)
  if (account === null || people.length === 0) return asked
  const rows: { id: string }[] = await db.query(
    `select user_id as id from access.membership
     where org_id = $1 and user_id = any($2) and (role = 'OWNER' or support_access) order by user_id`,
    [account, people],
  )
  return [...new Set([...asked, ...rows.map(({ id }) => id)])]
}

/** Whose the sender's address makes a mail to a ticket: also at the address that staff noted for this ticket (D57). */
async function participantOf(
  db: EntityManager,
  whose: Whose,
  from: string,
  people: readonly string[],
): Promise<string | null> {
  if (whose.requester !== null && sameAddress(whose.own, from)) return whose.requester
  return (await participantsOf(db, whose, people))[0] ?? null
}

async function isOwn(db: EntityManager, from: string, { from: sender, replyDomain }: MailConfig) {
  if (replyDomain !== undefined && from.toLowerCase().endsWith(`@${replyDomain}`)) return true
  const senders = (await readChannels(db)).map(({ fromAddress }) => fromAddress)
  return [...senders, senderIn(sender).fromAddress].some(one => sameAddress(one, from))
}

/** Reads what there is to know about a mail, before anything is decided. */
export async function knownOf(db: EntityManager, mail: Incoming, services: Services): Promise<KnownMail> {
  const addresses = mail.recipients.map(one => readReplyAddress(one, services))
  const right = addresses.find(one => one !== null && one !== 'FORGED') as { number: string } | undefined
  const ticket = right ? await ticketBy(db, right.number) : null
  const people = await peopleAt(db, mail.from)
  return {
    signed: ticket ? 'RIGHT' : addresses.includes('FORGED') ? 'FORGED' : null,
    ticketId: ticket?.id ?? null,
    people,
    participant: ticket ? await participantOf(db, ticket.people, mail.from, people) : null,
    isContact: sameAddress(ticket?.people.contact, mail.from),
    isOurs: await isOwn(db, mail.from, services.config.mail),
    bounced: mail.bounceOf === null ? null : deliveryOf(mail.bounceOf),
  }
}

/** What becomes of a mail, why, and whose it seems to be. */
export interface Decided {
  disposition: InboundDisposition
  because: string
  personId: string | null
}

/**
 * A reply address that Opsgraph gave out and the address of somebody who may see the ticket, both together, make an answer. The sender's
 * address alone proves nothing: it opens a new ticket at most, marked as unverified. What machines send is never answered.
 */
export function decided(mail: Incoming, known: KnownMail): Decided {
  const { signed, people, participant, isContact, isOurs, bounced } = known
  const customers = people.filter(id => prefixOf(id) === 'usr')
  const personId = participant ?? (people.length === 1 ? people[0]! : null)
  // Who only has the address that a stranger gave is not made known to that stranger by name.
  const as = (disposition: InboundDisposition, because: string): Decided => ({
    disposition,
    because,
    personId: disposition === 'FOLLOW_UP' ? participant : personId,
  })
  if (bounced && signed === 'RIGHT') return as('BOUNCE', 'A mail of ours came back.')
  if (isOurs) return as('AUTOMATIC', 'It says that it is from this very mail system.')
  if (mail.automatic || mail.bounceOf !== null) return as('AUTOMATIC', 'A machine sent it.')
  if (signed === 'RIGHT')
    return participant || isContact
      ? as(
          'FOLLOW_UP',
          'Sent to the reply address of the ticket, from the address of somebody who may see it.',
        )
      : as('NOTE', 'Sent to the reply address of the ticket, from an address that is not known for it.')
  if (signed === 'FORGED') return as('FILTERED', 'Sent to a reply address that Opsgraph never gave out.')
  if (people.length === 1 && customers.length === 1)
    return as('NEW_TICKET', 'Its sender gave the address of one known customer, which proves nothing.')
  return as(
    'FILTERED',
    people.length === 0
      ? 'Nobody is known by the address of its sender.'
      : 'Its sender gave an address of several people, or of staff.',
  )
}
