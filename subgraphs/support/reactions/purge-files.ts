import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import type { PolicyEvents } from '#shared/events/policies.js'
import { type Again, type Reaction, reaction } from '#shared/reaction.js'
import { endings, RETENTION_POLICIES, rulesAt, valuesOf } from '../attachments/retention.js'

/** Between one batch and the next, ms. */
const PAUSE = 1000
/** Files that are erased by one transaction. */
const AT_ONCE = 50

/** What happened either to a ticket or to a file of one. */
const ticketOf = ({ stream, data }: StoredEvent): string | null =>
  stream.type === 'Ticket' ? stream.id : ((data as { ticketId?: string | null }).ticketId ?? null)

interface Doing {
  event: StoredEvent
  tx: EntityManager
  act: Act
  now: Date
}

/** Erases what is past its retention by the rules that hold now, and says when to look again. Of one ticket, or of all. */
async function purge({ event, tx, act, now }: Doing, ticketId?: string): Promise<Again | undefined> {
  const rules = valuesOf(await rulesAt(tx, now))
  const found = await endings(tx, rules, { ticketId, held: false, limit: AT_ONCE + 1 })
  const past = found.filter(({ endsAt }) => endsAt <= now).slice(0, AT_ONCE)
  for (const { id } of past) await act('purgeEvidence', { attachmentId: id }, { tx, event })
  const next = found[past.length]
  return next && { again: next.endsAt > now ? next.endsAt : new Date(now.getTime() + PAUSE) }
}

/**
 * E86: files go when their retention ends. A ticket that was opened again closes with an event of its own, and so with a time of its own;
 * what was held is looked at again when the hold ends; a rule that was made longer meanwhile moves the time.
 */
export const purgeEvidences = reaction<Act>({
  name: 'purge-evidence',
  on: ['SupportCaseClosed', 'AttachmentAdded', 'AttachmentLinked', 'AttachmentHoldReleased'],
  when: async (event, db) => {
    const ticketId = ticketOf(event)
    if (ticketId === null) return null
    const rules = valuesOf(await rulesAt(db, event.occurredAt))
    const [first] = await endings(db, rules, { ticketId, held: false, limit: 1 })
    return first?.endsAt ?? null
  },
  run: async doing => {
    const ticketId = ticketOf(doing.event)
    return ticketId === null ? undefined : purge(doing, ticketId)
  },
}) as Reaction

const POLICIES: readonly string[] = Object.values(RETENTION_POLICIES)

/** E85: a rule that was made shorter holds for what is there already, from the day on that was decided. */
export const purgeByNewRules = reaction<Act>({
  name: 'purge-by-new-rules',
  on: ['PolicyChanged'],
  when: ({ data }) => {
    const { key, effectiveFrom } = data as PolicyEvents['PolicyChanged']
    return POLICIES.includes(key) ? new Date(effectiveFrom) : null
  },
  run: async doing => purge(doing),
}) as Reaction
