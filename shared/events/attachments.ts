import type { MessageVisibility } from '#shared/events/support.js'

export type AttachmentPurpose = 'MESSAGE' | 'SCREENSHOT' | 'DOCUMENT' | 'EVIDENCE'
export type AttachmentStatus =
  | 'UPLOADING'
  | 'RECEIVED'
  | 'READY'
  | 'INFECTED'
  | 'REMOVED'
  | 'DISCARDED'
  | 'PURGED'
/** Whether somebody looked for malware, and what they found. */
export type AttachmentScan = 'NOT_SCANNED' | 'PENDING' | 'CLEAN' | 'INFECTED'
export type AttachmentRetention = 'MESSAGE' | 'TRUST_SAFETY_EVIDENCE'

/** Whose ticket it belongs to; all null before there is one. */
interface OfTicket {
  ticketId: string | null
  organizationId: string | null
  requesterId: string | null
}

interface OfFile {
  purpose: AttachmentPurpose
  retention: AttachmentRetention
  /** Of the allow list; what the content was found to be. */
  mime: string
  bytes: number
  /** Hex. It stays when the body goes. */
  sha256: string
}

/** Where its body lies, or lay. */
interface OfBody {
  ticketId: string | null
  sha256: string
  storageKey: string
}

/** By which rule of retention something was erased. */
interface Purged {
  /** When the ticket was closed, ISO 8601. */
  closedAt: string
  /** How long it was to be kept, ISO 8601. */
  period?: string
  countsFrom?: 'CASE_CLOSED' | 'UPLOADED'
  /** Version of the policy that says so; 0: its default. */
  policyVersion?: number
}

/** What can happen to files that people send with tickets. A file itself is never in an event; its name is personal. */
export interface AttachmentEvents {
  AttachmentUploadBegun: OfTicket &
    OfFile & {
      visibility: MessageVisibility
      /** How long the upload address holds, ISO 8601. */
      uploadUntil: string
      filename?: string
    }
  AttachmentMailed: OfTicket &
    OfFile & {
      visibility: MessageVisibility
      storageKey: string
      inboundMailId: string
      /** The customer who is sure enough to have sent it; null: nobody knows. */
      senderId: string | null
      filename?: string
    }
  AttachmentReceived: { bytes: number; sha256: string; storageKey: string }
  AttachmentAdded: OfTicket &
    OfFile & {
      storageKey: string
      visibility: MessageVisibility
      /** PENDING: somebody looks before anybody gets it. Absent: nobody does. */
      scan?: 'PENDING' | 'NOT_SCANNED'
      filename?: string
    }
  AttachmentScanned: OfBody & {
    verdict: 'CLEAN' | 'INFECTED' | 'NOT_SCANNED'
    /** What the scanner calls it. */
    signature: string | null
    body: 'KEPT' | 'QUARANTINED' | 'ERASED'
  }
  AttachmentLinked: OfTicket & { messageId: string; visibility: MessageVisibility }
  AttachmentVisibilityChanged: { messageId: string; visibility: MessageVisibility }
  AttachmentDownloaded: { ticketId: string | null }
  EvidenceAccessed: { ticketId: string | null }
  AttachmentHoldPlaced: { ticketId: string | null }
  AttachmentHoldReleased: { ticketId: string | null }
  AttachmentRemoved: OfBody
  AttachmentDiscarded: OfBody & { because: 'NOT_COMPLETED' | 'NO_TICKET' }
  EvidencePurged: OfBody & Purged
  AttachmentPurged: OfBody & Purged
  AttachmentBodyErased: { storageKey: string }
}

export const ATTACHMENT_EVENTS = {
  AttachmentUploadBegun: 'Somebody announced a file and got an address to send it to.',
  AttachmentMailed: 'A file came with a mail.',
  AttachmentReceived: 'The file arrived, and is what was announced.',
  AttachmentAdded: 'A file is there to be taken. What is kept of it here is its hash and where it lies.',
  AttachmentScanned: 'Somebody looked for malware in a file; in what something was found nobody gets.',
  AttachmentLinked: 'A file belongs to a message, and is read by who reads the message.',
  AttachmentVisibilityChanged: 'A file is shown to the customer or hidden from them, as its message is.',
  AttachmentDownloaded: 'Somebody took a file.',
  EvidenceAccessed: 'Somebody took a file that is kept as evidence.',
  AttachmentHoldPlaced: 'A file must not be erased, whatever the rules of retention say.',
  AttachmentHoldReleased: 'A file that was held follows the rules of retention again.',
  AttachmentRemoved: 'A file was taken away by a person; its body is erased.',
  AttachmentDiscarded: 'A file that was never completed, or never came to a ticket, is erased.',
  EvidencePurged: 'Evidence is past its retention: its body is erased, its hash stays.',
  AttachmentPurged: 'A file that is no evidence is past its retention: its body is erased, its hash stays.',
  AttachmentBodyErased: 'The body of a file is gone from where files lie.',
} satisfies Record<keyof AttachmentEvents, string>

const FOR_CUSTOMERS: ReadonlySet<string> = new Set<keyof AttachmentEvents>([
  'AttachmentUploadBegun',
  'AttachmentMailed',
  'AttachmentReceived',
  'AttachmentAdded',
  'AttachmentScanned',
  'AttachmentLinked',
  'AttachmentVisibilityChanged',
  'AttachmentRemoved',
  'AttachmentDiscarded',
  'EvidencePurged',
  'AttachmentPurged',
])

/** Whether customers may know that this happened to a file of theirs: what staff did with it (took it, held it) stays with staff. */
export const isForCustomers = ({ type, actor }: { type: string; actor: { kind: string } }): boolean =>
  FOR_CUSTOMERS.has(type) ||
  ((type === 'AttachmentDownloaded' || type === 'EvidenceAccessed') && actor.kind === 'REQUESTER')
