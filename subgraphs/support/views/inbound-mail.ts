import { Row } from '#shared/entity.js'
import type {
  InboundAcceptance as Acceptance,
  InboundDisposition as Disposition,
} from '#shared/events/mail.js'
import { entity, flag, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { STAFF } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { RANK, type Work } from '#shared/work.js'
import { notTaken } from '../attachments/mailed-files.js'
import { type InboundReview, inboundMail, reviewOf } from '../mail/inbound-mail.js'
import { REMOVED } from '../removed.js'
import { MessageDelivery } from './message-delivery.js'
import { Ticket } from './ticket.js'

export const InboundDisposition = states('InboundDisposition', 'What became of a mail that came in.', {
  FOLLOW_UP: 'What the customer says on their ticket.',
  NOTE: 'A note for staff: its sender is unverified.',
  NEW_TICKET: 'A ticket of its own, tagged unverified-sender.',
  FILTERED: 'Kept here, and nothing more.',
  AUTOMATIC: 'Sent by a machine: kept here, never answered.',
  BOUNCE: 'A mail of ours that came back.',
})

export const InboundAcceptance = states(
  'InboundAcceptance',
  'What staff made of a mail that was kept apart.',
  {
    NEW_TICKET: 'A ticket of its own.',
    FOLLOW_UP: 'What somebody says on a ticket; a note for staff, unless it is known who.',
  },
)

export const InboundReviewEnum = states('InboundReview', 'Whether somebody has to look at a mail, or did.', {
  NONE: 'There is nothing to decide.',
  WAITING: 'It was kept apart, and nobody looked at it yet.',
  ACCEPTED: 'Somebody made a ticket, or a message on one, of it.',
  DISMISSED: 'Somebody looked at it, and nothing comes of it.',
})

@entity('InboundMail', {
  description: 'A mail that came in, whole, and what became of it.',
  allow: STAFF,
  schema: 'support',
  prefix: 'inm',
})
export class InboundMail extends Row {
  @oneOf(InboundDisposition, 'What became of it.')
  disposition!: Disposition

  @text('Why.')
  because!: string

  @oneOf(InboundReviewEnum, 'Whether somebody has to look at it, or did (D56).')
  review!: InboundReview

  @oneOf(InboundAcceptance, 'What staff made of it; null unless it was ACCEPTED.', { nullable: true })
  acceptedAs!: Acceptance | null

  @text('Who looked at it: open with node(id).', { nullable: true })
  reviewedById!: string | null

  @instant('When they did (UTC).', { nullable: true })
  reviewedAt!: Date | null

  @flag('It was sent to a reply address that Opsgraph gave out.')
  signed!: boolean

  @ref(() => Ticket, 'The ticket that it stands on, or belongs to.', { nullable: true })
  ticketId!: string | null

  @text('Whose address its sender gave, when one person has it: open with node(id). That proves nothing.', {
    nullable: true,
  })
  personId!: string | null

  @ref(() => MessageDelivery, 'What came back.', { nullable: true })
  deliveryId!: string | null

  @text('Its Message-ID.', { nullable: true })
  mailId!: string | null

  @text('The address that its sender gave.', { nullable: true })
  sender!: string | null

  @text('Its subject.')
  subject!: string

  @text('What it says, with all that is quoted in it: plain text.')
  body!: string

  @several(String, 'What came with it, by name and size.')
  files!: string[]

  @several(String, 'What of that was not taken, and why; the rest are its attachments.')
  refused!: string[]
}

/** What nobody can vouch for waits until somebody looked at it; all other mail is on one already, or wants nobody. */
const work = (row: InboundMail): Work | null =>
  row.disposition === 'FILTERED'
    ? {
        phase: row.review === InboundReviewEnum.WAITING ? 'NEW' : 'DONE',
        title: row.subject,
        priority: RANK.LATER,
        since: row.reviewedAt,
        workspace: 'TRIAGE',
        becauseOf: row.disposition,
      }
    : null

const reviewed = (
  { actor, occurredAt }: { actor: { id: string }; occurredAt: Date },
  review: InboundReview,
) => ({ review, reviewedById: actor.id, reviewedAt: occurredAt })

export const inboundMails = view(InboundMail, {
  of: inboundMail,
  work,
  on: {
    MailReceived: ({ data }) => ({
      disposition: data.disposition,
      because: data.because,
      review: reviewOf(data.disposition),
      signed: data.signed,
      ticketId: data.ticketId,
      personId: data.personId,
      deliveryId: data.deliveryId,
      mailId: data.mailId ?? null,
      sender: data.from ?? null,
      subject: data.subject ?? REMOVED,
      body: data.body ?? REMOVED,
      files: data.files ?? [],
      refused: [...notTaken(data)],
    }),
    InboundMailAccepted: event => {
      const { as, ticketId, personId } = event.data
      return { ...reviewed(event, 'ACCEPTED'), acceptedAs: as, ticketId, ...(personId ? { personId } : {}) }
    },
    InboundMailDismissed: event => reviewed(event, 'DISMISSED'),
    MailTakenIn: ({ data: { ticketId } }) => ({ ticketId }),
  },
})
