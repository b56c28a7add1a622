import { Row } from '#shared/entity.js'
import type {
  AttachmentPurpose as Purpose,
  AttachmentRetention as Retention,
  AttachmentScan as Scan,
  AttachmentStatus as Status,
} from '#shared/events/attachments.js'
import type { MessageVisibility as Visibility } from '#shared/events/support.js'
import { count, entity, flag, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { type Patch, view } from '#shared/view.js'
import { attachment } from '../attachments/attachment.js'
import { seenBy } from '../attachments/attachment-rules.js'
import { TICKET_READERS } from '../audience.js'
import { REMOVED } from '../removed.js'
import { InboundMail } from './inbound-mail.js'
import { Ticket } from './ticket.js'
import { MessageVisibility, TicketMessage } from './ticket-message.js'

export const AttachmentPurpose = states('AttachmentPurpose', 'What a file is for (C16).', {
  MESSAGE: 'It goes with what somebody writes.',
  SCREENSHOT: 'It shows what somebody saw.',
  DOCUMENT: 'A document: an invoice, a letter.',
  EVIDENCE: 'It proves something: kept by the rules of evidence.',
})

export const AttachmentRetention = states('AttachmentRetention', 'How long a file is kept (E85, E86).', {
  MESSAGE: 'It goes with what somebody writes: as long as its ticket, unless retentionRules says otherwise.',
  TRUST_SAFETY_EVIDENCE:
    'It is evidence: two years from the closing of its ticket, unless retentionRules says otherwise.',
})

export const AttachmentState = states('AttachmentState', 'Where a file stands.', {
  UPLOADING: 'It was announced and has not arrived.',
  RECEIVED: 'It arrived and is what was announced; whoever sends it has not completed it.',
  READY: 'It is there. It can be taken, unless somebody still looks for malware in it (scan).',
  INFECTED: 'Something harmful was found in it; nobody gets it. This is what is left of it.',
  REMOVED: 'Somebody removed it; this is what is left of it.',
  DISCARDED: 'It was never completed, or never came to a ticket.',
  PURGED: 'Its retention is over; its hash is what is left of it.',
})

export const AttachmentScan = states('AttachmentScan', 'Whether somebody looked for harmful content.', {
  NOT_SCANNED: 'No: there is no scanner. Its kind was checked, and it is never shown in a page.',
  PENDING: 'Not yet: nobody gets it until somebody looked.',
  CLEAN: 'Yes, and nothing was found.',
  INFECTED: 'Yes, and something was found.',
})

@entity('Attachment', {
  description: 'A file that somebody sent with a ticket. The file itself is taken from downloadUrl.',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'att',
  requester: seenBy,
})
export class Attachment extends Row {
  @ref(() => Ticket, 'The ticket it belongs to; null before there is one.', { nullable: true })
  ticketId!: string | null

  @ref(() => TicketMessage, 'The message it goes with, if it goes with one.', { nullable: true })
  messageId!: string | null

  @ref(() => InboundMail, 'The mail that it came with, if it came with one.', {
    nullable: true,
    only: READERS,
  })
  inboundMailId!: string | null

  @oneOf(AttachmentPurpose, 'What it is for.')
  purpose!: Purpose

  @oneOf(AttachmentRetention, 'How long it is kept.')
  retention!: Retention

  @oneOf(MessageVisibility, 'Who may take it: as its message; before it goes with one, as whoever sent it.')
  visibility!: Visibility

  @oneOf(AttachmentState, 'Where it stands.')
  state!: Status

  @oneOf(AttachmentScan, 'Whether somebody looked for harmful content.')
  scan!: Scan

  @text('What the scanner calls what it found.', { nullable: true, only: READERS })
  scanSignature!: string | null

  @instant('When somebody looked for harmful content (UTC).', { nullable: true })
  scannedAt!: Date | null

  @flag('Something was found in it, and its content is locked away and not erased.', { only: READERS })
  quarantined!: boolean

  @text('Its name, without paths and odd characters, with an ending that fits its kind.')
  filename!: string

  @text('Its kind, e.g. image/png: what its content was found to be.')
  mime!: string

  @count('Its size in bytes.')
  bytes!: number

  @text('SHA-256 of its content, hex. It stays when the file goes.')
  sha256!: string

  @text('Where its body lies in the store of files; null before it arrived.', { only: READERS })
  storageKey!: string | null

  @text('Who sent it: open with node(id).', { only: READERS })
  uploadedById!: string

  @text("Whose ticket it belongs to: the account's id.", { hidden: true, nullable: true })
  organizationId!: string | null

  @text("Whose ticket it belongs to: the customer's id.", { hidden: true, nullable: true })
  requesterId!: string | null

  @instant('How long it may be sent to its upload address (UTC).')
  uploadUntil!: Date

  @instant('When its upload was completed (UTC).', { nullable: true })
  addedAt!: Date | null

  @flag('It must not be erased, whatever the rules of retention say.', { only: READERS })
  legalHold!: boolean

  @instant('When it was removed, discarded or purged (UTC).', { nullable: true })
  goneAt!: Date | null

  @instant('When its body was gone from the store (UTC).', { only: READERS })
  bodyErasedAt!: Date | null

  @count('How often it was taken.', { only: READERS })
  downloads!: number

  @count('How many events shaped it that customers may know of.', { hidden: true })
  customerVersion!: number
}

/** What a person may not want to be remembered goes with the body; the hash stays. */
const gone = (state: Status, event: { occurredAt: Date }): Patch<Attachment> => ({
  state,
  filename: REMOVED,
  quarantined: false,
  goneAt: event.occurredAt,
})

const FRESH = {
  scan: AttachmentScan.NOT_SCANNED,
  scanSignature: null,
  scannedAt: null,
  quarantined: false,
  legalHold: false,
  downloads: 0,
}

export const attachments = view(Attachment, {
  of: attachment,
  on: {
    AttachmentUploadBegun: ({ data: { uploadUntil, filename, ...data }, actor }) => ({
      ...data,
      uploadUntil: uploadUntil as unknown as Date,
      filename: filename ?? REMOVED,
      state: AttachmentState.UPLOADING,
      uploadedById: actor.id,
      ...FRESH,
    }),
    AttachmentMailed: ({ data: { filename, senderId, ...data }, actor, occurredAt }) => ({
      ...data,
      uploadUntil: occurredAt,
      filename: filename ?? REMOVED,
      state: AttachmentState.RECEIVED,
      uploadedById: senderId ?? actor.id,
      ...FRESH,
    }),
    AttachmentReceived: ({ data: { storageKey } }) => ({ state: AttachmentState.RECEIVED, storageKey }),
    AttachmentAdded: event => ({
      state: AttachmentState.READY,
      addedAt: event.occurredAt,
      scan: event.data.scan ?? AttachmentScan.NOT_SCANNED,
    }),
    AttachmentScanned: event => ({
      scan: event.data.verdict,
      scanSignature: event.data.signature,
      scannedAt: event.occurredAt,
      ...(event.data.verdict === 'INFECTED'
        ? { state: AttachmentState.INFECTED, quarantined: event.data.body === 'QUARANTINED' }
        : {}),
    }),
    AttachmentLinked: ({ data }) => data,
    AttachmentVisibilityChanged: ({ data: { visibility } }) => ({ visibility }),
    AttachmentDownloaded: (_, row) => ({ downloads: (row?.downloads ?? 0) + 1 }),
    EvidenceAccessed: () => ({}),
    AttachmentHoldPlaced: () => ({ legalHold: true }),
    AttachmentHoldReleased: () => ({ legalHold: false }),
    AttachmentRemoved: event => gone('REMOVED', event),
    AttachmentDiscarded: event => gone('DISCARDED', event),
    EvidencePurged: event => gone('PURGED', event),
    AttachmentPurged: event => gone('PURGED', event),
    AttachmentBodyErased: event => ({ bodyErasedAt: event.occurredAt }),
  },
})
