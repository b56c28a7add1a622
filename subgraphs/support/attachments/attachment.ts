import { aggregate } from '#shared/aggregate.js'
import {
  type AttachmentEvents,
  type AttachmentPurpose,
  type AttachmentRetention,
  type AttachmentScan,
  type AttachmentStatus,
  isForCustomers,
} from '#shared/events/attachments.js'
import type { MessageVisibility } from '#shared/events/support.js'
import { storageKey } from '#shared/file-store.js'
import { refuse } from '#shared/refusal.js'

/** What decisions about a file rest on. `status` null: there is no such file. */
export interface AttachmentState {
  status: AttachmentStatus | null
  ticketId: string | null
  organizationId: string | null
  requesterId: string | null
  messageId: string | null
  purpose: AttachmentPurpose
  retention: AttachmentRetention
  visibility: MessageVisibility
  mime: string
  bytes: number
  sha256: string
  /** Null once it was erased. */
  filename: string | null
  uploadedById: string | null
  scan: AttachmentScan
  /** Something was found in it, and it is kept where nobody gets it. */
  quarantined: boolean
  legalHold: boolean
  bodyErased: boolean
}

const ended = (state: AttachmentState, status: AttachmentStatus): AttachmentState => ({
  ...state,
  status,
  quarantined: false,
})

export const attachment = aggregate<AttachmentState, AttachmentEvents>({
  type: 'Attachment',
  prefix: 'att',
  forCustomers: isForCustomers,
  initial: {
    status: null,
    ticketId: null,
    organizationId: null,
    requesterId: null,
    messageId: null,
    purpose: 'MESSAGE',
    retention: 'MESSAGE',
    visibility: 'PRIVATE',
    mime: '',
    bytes: 0,
    sha256: '',
    filename: null,
    uploadedById: null,
    scan: 'NOT_SCANNED',
    quarantined: false,
    legalHold: false,
    bodyErased: false,
  },
  evolve: {
    AttachmentUploadBegun: (state, { filename = null, ...data }, { actor }) => ({
      ...state,
      ...data,
      filename,
      status: 'UPLOADING',
      uploadedById: actor.id,
    }),
    AttachmentMailed: (state, { filename = null, senderId, ...data }, { actor }) => ({
      ...state,
      ...data,
      filename,
      status: 'RECEIVED',
      uploadedById: senderId ?? actor.id,
    }),
    AttachmentReceived: state => ({ ...state, status: 'RECEIVED' }),
    AttachmentAdded: (state, { scan = 'NOT_SCANNED' }) => ({ ...state, status: 'READY', scan }),
    AttachmentScanned: (state, { verdict, body }) => ({
      ...state,
      scan: verdict,
      ...(verdict === 'INFECTED' ? { status: 'INFECTED', quarantined: body === 'QUARANTINED' } : {}),
    }),
    AttachmentLinked: (state, data) => ({ ...state, ...data }),
    AttachmentVisibilityChanged: (state, { visibility }) => ({ ...state, visibility }),
    AttachmentHoldPlaced: state => ({ ...state, legalHold: true }),
    AttachmentHoldReleased: state => ({ ...state, legalHold: false }),
    AttachmentRemoved: state => ended(state, 'REMOVED'),
    AttachmentDiscarded: state => ended(state, 'DISCARDED'),
    EvidencePurged: state => ended(state, 'PURGED'),
    AttachmentPurged: state => ended(state, 'PURGED'),
    AttachmentBodyErased: state => ({ ...state, bodyErased: true }),
  },
})

/** What an event says of where a body lies. */
export const bodyOf = ({ ticketId, sha256 }: AttachmentState, attachmentId: string) => ({
  ticketId,
  sha256,
  storageKey: storageKey(sha256, attachmentId),
})

export const refsTo = (...ids: (string | null)[]): string[] => ids.filter(id => id !== null)

export const noAttachment = (): never => refuse('NOT_FOUND', 'There is no such attachment.', 'attachmentId')

const MEANINGS: Record<AttachmentStatus, string> = {
  UPLOADING: 'Its file has not arrived yet: PUT it to the address first.',
  RECEIVED: 'Its upload was not completed yet: completeAttachmentUpload.',
  READY: 'It is there already.',
  INFECTED: 'Something harmful was found in it: nobody gets it.',
  REMOVED: 'It was removed.',
  DISCARDED: 'Its upload was given up; begin a new one.',
  PURGED: 'It was erased when its retention was over.',
}

/** @throws Refusal INVALID_STATE saying where it stands instead */
export function requireStatus({ status }: AttachmentState, wanted: AttachmentStatus): void {
  if (status !== wanted) refuse('INVALID_STATE', MEANINGS[status!], 'attachmentId', { state: status })
}

/** Its content is still somewhere: where people get it, or where nobody does. */
export const isKept = ({ status, quarantined }: AttachmentState): boolean => status === 'READY' || quarantined

/** @throws Refusal INVALID_STATE when there is nothing left of it to keep or to remove */
export function requireKept(state: AttachmentState): void {
  if (!isKept(state)) requireStatus(state, 'READY')
}
