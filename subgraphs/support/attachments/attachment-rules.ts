import type { EntityManager } from 'typeorm'
import type { Caller } from '#shared/context.js'
import type { AttachmentPurpose, AttachmentRetention } from '#shared/events/attachments.js'
import type { MessageVisibility, TicketStatus } from '#shared/events/support.js'
import type { FileTokens } from '#shared/file-token.js'
import type { Identity } from '#shared/identity.js'
import { both, either, type Filter } from '#shared/loader.js'
import { Role } from '#shared/roles.js'
import { belongsTo, isCustomer, type Owned, type OwnedTicket, theirs } from '../audience.js'
import type { AttachmentState } from './attachment.js'

const MINUTE = 60_000
/** How long a file may be sent to its address. */
export const UPLOAD_LASTS = 15 * MINUTE
/** An upload that is not completed by then is given up. */
export const COMPLETE_WITHIN = 60 * MINUTE
/** A file that by then belongs to no ticket is given up (C17). */
export const TICKET_WITHIN = 24 * 60 * MINUTE
/** How long a file may be taken from its address; following a link takes seconds. */
export const DOWNLOAD_LASTS = 5 * MINUTE
/** So many uploads one person may have under way. */
export const MOST_UPLOADS = 20

export const retentionOf = (purpose: AttachmentPurpose): AttachmentRetention =>
  purpose === 'EVIDENCE' ? 'TRUST_SAFETY_EVIDENCE' : 'MESSAGE'

/** The ticket of a file, as it is now. */
export interface TicketNow extends OwnedTicket {
  status: TicketStatus
  assigneeId: string | null
  closedAt: Date | null
}

export async function ticketNow(db: EntityManager, ticketId: string | null): Promise<TicketNow | null> {
  if (ticketId === null) return null
  const [row] = await db.query(
    'select status, organization_id, requester_id, assignee_id, closed_at, shown_since from support.ticket where id = $1',
    [ticketId],
  )
  if (!row) return null
  const { status, organization_id, requester_id, assignee_id, closed_at, shown_since } = row
  return {
    status,
    organizationId: organization_id,
    requesterId: requester_id,
    assigneeId: assignee_id,
    closedAt: closed_at,
    shownSince: shown_since,
  }
}

export async function messageNow(
  db: EntityManager,
  messageId: string | null,
): Promise<{ visibility: MessageVisibility; ticketId: string } | null> {
  if (messageId === null) return null
  const [row] = await db.query('select visibility, ticket_id from support.ticket_message where id = $1', [
    messageId,
  ])
  return row ? { visibility: row.visibility, ticketId: row.ticket_id } : null
}

/** What is to be known of a file's surroundings, at the moment of asking. */
export interface Surroundings {
  identity: Identity
  ticket: TicketNow | null
  message: { visibility: MessageVisibility } | null
}

/** Where a file belongs, read with the decision's own transaction. */
export async function surroundings(
  { attachmentId }: { attachmentId: string },
  tx: EntityManager,
  { identity }: Pick<Caller, 'identity'>,
): Promise<Surroundings> {
  const [row] = await tx.query('select ticket_id, message_id from support.attachment where id = $1', [
    attachmentId,
  ])
  return {
    identity,
    ticket: await ticketNow(tx, row?.ticket_id ?? null),
    message: await messageNow(tx, row?.message_id ?? null),
  }
}

/** What arrived: an upload that was only announced, or given up, is no file of its ticket. Of columns of `support.attachment`. */
export const ARRIVED = `state not in ('UPLOADING', 'DISCARDED')`

type Seen = Pick<AttachmentState, 'ticketId' | 'visibility' | 'uploadedById'>

/** What a customer may know of: what they sent, and what is public on a ticket of theirs. Never what goes with a note (C15). */
function isForCustomer(file: Seen, owned: Owned, identity: Identity): boolean {
  if (file.ticketId === null) return file.uploadedById === identity.personId
  return (
    belongsTo(owned, identity) && (file.visibility === 'PUBLIC' || file.uploadedById === identity.personId)
  )
}

/** The same, of rows. */
export const seenBy = (identity: Identity): Filter =>
  either(
    { where: 'ticket_id is null and uploaded_by_id = $1', values: [identity.personId] },
    both(theirs(identity), {
      where: `ticket_id is not null and (visibility = 'PUBLIC' and ${ARRIVED} or uploaded_by_id = $1)
        and exists (select from support.ticket t where t.id = ticket_id and t.shown_since is not null)`,
      values: [identity.personId],
    }),
  )

/** The same by what holds now: ticket and message as they are at this moment. */
export function maySee(state: AttachmentState, { identity, ticket, message }: Surroundings): boolean {
  if (state.status === null) return false
  if (!isCustomer(identity)) return true
  if (state.ticketId !== null && !ticket?.shownSince) return false
  return isForCustomer(
    { ...state, visibility: message?.visibility ?? state.visibility },
    ticket ?? state,
    identity,
  )
}

/** Evidence of trust and safety is theirs to hold and to remove, not support's (E86). */
export const KEEPERS: readonly Role[] = [Role.RISK_AGENT, Role.SUPER_ADMIN]

const EVIDENCE_READERS: readonly Role[] = [Role.RISK_AGENT, Role.AUDITOR, Role.SUPER_ADMIN]

/** C35: evidence is for risk, auditors and Super Admins, and for whoever takes part in the case. */
export const mayTake = (
  { retention, uploadedById }: Pick<AttachmentState, 'retention' | 'uploadedById'>,
  assigneeId: string | null,
  identity: Identity,
): boolean =>
  retention === 'MESSAGE' ||
  isCustomer(identity) ||
  uploadedById === identity.personId ||
  (assigneeId !== null && assigneeId === identity.personId) ||
  identity.roles.some(role => EVIDENCE_READERS.includes(role))

/** @throws Error in a process that was started without keys */
export function tokensOf({ files }: { files?: FileTokens }): FileTokens {
  if (!files) throw new Error('This process cannot sign addresses of files')
  return files
}

/** Seconds since 1970. */
export const endOf = (now: Date, lasts: number): number => Math.floor((now.getTime() + lasts) / 1000)
