import type { EntityManager } from 'typeorm'
import type { EventStore } from '#shared/event-store.js'
import type { SupportChannelShape } from '#shared/events/mail.js'
import type { TicketCategory } from '#shared/events/support.js'
import { refuse } from '#shared/refusal.js'
import { readQueues } from '../routing/routing.js'
import { isAddress } from './mail-address.js'

/** A channel, as far as it is chosen by. */
export interface Sender extends SupportChannelShape {
  id: string
}

export const readChannels = (db: EntityManager): Promise<Sender[]> =>
  db.query(
    `select id, name, from_address as "fromAddress", from_name as "fromName", queue_ids as "queueIds", categories,
       is_default as "isDefault", is_active as "isActive" from support.support_channel order by created_at, id`,
  )

export const channelBy = async (db: EntityManager, id: string): Promise<Sender | null> =>
  (await readChannels(db)).find(one => one.id === id) ?? null

/** What of a ticket says where it is answered from. */
interface Placed {
  queueId: string | null
  category: TicketCategory
}

/** Its queue says so before its category does; what nobody claims, and what is no ticket's, comes from the default. Pure. */
export function channelFor(ticket: Placed | null, channels: readonly Sender[]): Sender | null {
  const open = channels.filter(({ isActive }) => isActive)
  const { queueId = null, category } = ticket ?? {}
  return (
    open.find(({ queueIds }) => queueId !== null && queueIds.includes(queueId)) ??
    open.find(({ categories }) => category !== undefined && categories.includes(category)) ??
    open.find(({ isDefault }) => isDefault) ??
    null
  )
}

/** Where a ticket is answered from as it lies now; with null, where everything else comes from. */
export async function channelOf(db: EntityManager, ticketId: string | null): Promise<Sender | null> {
  const [row] = ticketId
    ? await db.query('select queue_id as "queueId", category from support.ticket where id = $1', [ticketId])
    : []
  return channelFor(row ?? null, await readChannels(db))
}

const SPECIAL = /[(),.:;[\]]/

/** As a mail says it: `Lamps, Inc. <help@lamps.example>`. */
export const fromOf = ({ fromName, fromAddress }: Pick<Sender, 'fromName' | 'fromAddress'>): string =>
  fromName ? `${SPECIAL.test(fromName) ? `"${fromName}"` : fromName} <${fromAddress}>` : fromAddress

/** What `MAIL_FROM` says. */
export function senderIn(from: string): { fromName: string | null; fromAddress: string } {
  const [, name, address] = /^(.*?)\s*<([^<>]+)>$/.exec(from) ?? []
  return { fromName: name?.trim() || null, fromAddress: address ?? from }
}

/** All channels and queues, which nobody else changes until the transaction ends. */
export interface Known {
  channels: Sender[]
  queueIds: string[]
}

export async function lockedChannels(tx: EntityManager, store: EventStore): Promise<Known> {
  await store.lock(tx, ['support-channels'])
  return { channels: await readChannels(tx), queueIds: (await readQueues(tx)).map(({ id }) => id) }
}

function requireSender({ fromAddress, fromName }: SupportChannelShape): void {
  if (!isAddress(fromAddress))
    refuse('INVALID', 'That is no address such as help@shop.example.', 'fromAddress')
  if (fromName && /["<>@\\]/.test(fromName))
    refuse('INVALID', 'A name has none of " < > @ and \\.', 'fromName')
}

/** @throws Refusal INVALID, INVALID_STATE, UNKNOWN_REFERENCE or ALREADY_EXISTS, naming what another active channel has already */
export function requireShape(shape: SupportChannelShape, id: string, { channels, queueIds }: Known): void {
  requireSender(shape)
  if (shape.isDefault && (!shape.isActive || shape.queueIds.length || shape.categories.length))
    refuse('INVALID_STATE', 'Everything that no other channel has comes from this one.', 'supportChannelId')
  const unknown = shape.queueIds.find(one => !queueIds.includes(one))
  if (unknown) refuse('UNKNOWN_REFERENCE', 'There is no such queue.', 'queueIds', { queueId: unknown })
  const others = channels.filter(one => one.id !== id)
  const same = others.find(({ name }) => name.toLowerCase() === shape.name.toLowerCase())
  if (same) refuse('ALREADY_EXISTS', 'Another channel is called so.', 'name', { supportChannelId: same.id })
  if (!shape.isActive) return
  for (const { id: supportChannelId, isActive, ...other } of others.filter(({ isActive }) => isActive))
    for (const field of ['queueIds', 'categories'] as const) {
      const taken = (shape[field] as string[]).find(one => (other[field] as string[]).includes(one))
      if (taken)
        refuse('ALREADY_EXISTS', `${other.name} has ${taken} already.`, field, { supportChannelId, taken })
    }
}
