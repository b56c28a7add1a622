import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { AttachmentEvents } from '#shared/events/attachments.js'
import { count, given, oneOf, text } from '#shared/fields.js'
import {
  cleanFilename,
  FILE_KIND_NAMES,
  type FileKind,
  fileKind,
  MAX_FILE_BYTES,
} from '#shared/file-kinds.js'
import { bearerOf } from '#shared/file-token.js'
import { newId } from '#shared/id.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { attachment, refsTo } from '../attachments/attachment.js'
import {
  endOf,
  MOST_UPLOADS,
  retentionOf,
  type TicketNow,
  ticketNow,
  tokensOf,
  UPLOAD_LASTS,
} from '../attachments/attachment-rules.js'
import { isCustomer, mayTouch } from '../audience.js'
import { Attachment, AttachmentPurpose } from '../views/attachment.js'

const LONGEST = 1000

@InputType('BeginAttachmentUploadInput', { description: 'Which file is going to be sent.' })
export class BeginAttachmentUploadInput extends ActionInput {
  @given('Ticket', 'The ticket it is for; without one, name the attachment when you open the ticket.', {
    nullable: true,
  })
  ticketId?: string | null

  // Not a `text`, which refuses odd characters: nobody chooses what the files on their disk are called.
  @Field(() => String, {
    description: `What it is called; paths and odd characters are taken out. At most ${LONGEST} characters.`,
  })
  filename!: string

  @text(`Its kind, one of: ${FILE_KIND_NAMES.join(', ')}.`, { max: 200 })
  mime!: string

  @count(`Its size in bytes, at most ${MAX_FILE_BYTES}.`)
  bytes!: number

  @text('SHA-256 of its content, 64 hex digits.', { max: 64 })
  sha256!: string

  @oneOf(AttachmentPurpose, 'What it is for.')
  purpose!: keyof typeof AttachmentPurpose
}

interface Beginning {
  identity: Identity
  ticket: TicketNow | null
  /** Uploads of this person that are under way. */
  underWay: number
  attachmentId: string
  uploadUrl: string
}

function kindOf({ mime }: BeginAttachmentUploadInput): FileKind {
  const kind = fileKind(mime)
  return (
    kind ??
    refuse('INVALID', `Files of the kind ${mime} are not taken.`, 'mime', { mime, taken: FILE_KIND_NAMES })
  )
}

const hashOf = ({ sha256 }: BeginAttachmentUploadInput): string => sha256.toLowerCase()

function requireFit({ bytes, sha256, filename }: BeginAttachmentUploadInput): void {
  if (filename.length > LONGEST)
    refuse('INVALID', `filename has ${filename.length} characters, at most ${LONGEST} are taken.`, 'filename')
  if (bytes === 0) refuse('INVALID', 'The file is empty.', 'bytes')
  if (bytes > MAX_FILE_BYTES)
    refuse('TOO_LARGE', `The file has ${bytes} bytes; at most ${MAX_FILE_BYTES} are taken.`, 'bytes', {
      bytes,
      most: MAX_FILE_BYTES,
    })
  if (!/^[0-9a-f]{64}$/i.test(sha256)) refuse('INVALID', 'A SHA-256 has 64 hex digits.', 'sha256')
}

function requirePlace(ticketId: string | null, { ticket, identity }: Beginning): void {
  if (ticketId === null) return
  if (!ticket || !mayTouch(ticket, identity)) refuse('NOT_FOUND', 'There is no such ticket.', 'ticketId')
  if (ticket.status === 'CLOSED' && isCustomer(identity))
    refuse('INVALID_STATE', 'This ticket is closed; reopen it, or open a new one.', 'ticketId', {
      status: ticket.status,
    })
}

/** C5, C16: the first of three steps: announce, send, complete. */
export const beginAttachmentUpload = action({
  name: 'beginAttachmentUpload',
  description:
    'Announces a file. PUT it to uploadUrl within 15 minutes, then completeAttachmentUpload; what is not completed within an hour is erased.',
  input: BeginAttachmentUploadInput,

  on: attachment,
  target: (_input, { attachmentId }: Beginning) => attachmentId,
  prepare: async (input, tx, { identity, services }): Promise<Beginning> => {
    const [{ n }] = await tx.query(
      `select count(*)::int as n from support.attachment where uploaded_by_id = $1 and state in ('UPLOADING', 'RECEIVED')`,
      [identity.personId],
    )
    const attachmentId = newId('att')
    const { bytes, sha256, mime } = input
    return {
      identity,
      ticket: await ticketNow(tx, input.ticketId ?? null),
      underWay: n,
      attachmentId,
      uploadUrl: tokensOf(services).address({
        purpose: 'UPLOAD',
        attachmentId,
        ...bearerOf(identity),
        expiresAt: endOf(services.clock(), UPLOAD_LASTS),
        announced: { bytes, sha256: sha256.toLowerCase(), mime: fileKind(mime) ?? '' },
      }),
    }
  },

  allow: [...STAFF, Role.REQUESTER, 'tickets:write'],

  decide(_nothing, input, { now, read }) {
    const { identity, ticket, underWay } = read
    const { ticketId = null, purpose, bytes, filename } = input
    requirePlace(ticketId, read)
    const kind = kindOf(input)
    requireFit(input)
    if (underWay >= MOST_UPLOADS)
      refuse('TOO_MANY', `You have ${underWay} uploads under way; complete some first.`, undefined, {
        underWay,
        most: MOST_UPLOADS,
      })
    const data: AttachmentEvents['AttachmentUploadBegun'] = {
      ticketId,
      organizationId: ticket?.organizationId ?? null,
      requesterId: ticket?.requesterId ?? null,
      purpose,
      retention: retentionOf(purpose),
      mime: kind,
      bytes,
      sha256: hashOf(input),
      visibility: isCustomer(identity) ? 'PUBLIC' : 'PRIVATE',
      uploadUntil: new Date(endOf(now, UPLOAD_LASTS) * 1000).toISOString(),
    }
    const personal = { filename: cleanFilename(filename, kind) }
    return { type: 'AttachmentUploadBegun', data, personal, refs: refsTo(ticketId) }
  },

  emits: ['AttachmentUploadBegun'],
  returns: {
    attachment: Attachment,
    uploadUrl: {
      once: ({ uploadUrl }: Beginning) => uploadUrl,
      description:
        'Where to PUT the file, once, without further headers: a path on the address of this API. Shown this once.',
    },
  },
})
