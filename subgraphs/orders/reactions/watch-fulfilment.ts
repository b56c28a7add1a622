import type { Act } from '#shared/act.js'
import type { PolicyKey } from '#shared/policies.js'
import { lookAgain, type Reaction, reaction } from '#shared/reaction.js'
import { graceUntil, labelDueAt } from '../workflows/label-deadline.js'

const NAME = 'watch-fulfilment'
const DAY = 86_400_000

/**
 * E72: each order that is paid and has no label is looked at once, at its deadline; healthy ones leave nothing behind. A deadline that
 * moved, because the rule changed, is waited for.
 */
export const watchFulfilment = reaction<Act>({
  name: NAME,
  on: ['OrderRecorded', 'PaymentAllocated'],
  when: async ({ id, type, data, stream, occurredAt }, db) => {
    // Spares imports of what was sent long ago a look into the database for each.
    if (type === 'OrderRecorded' ? data.status !== 'PAID' : !data.captured) return null
    const due = await labelDueAt(db, stream.id, occurredAt)
    return due?.eventId === id ? due.dueAt : null
  },
  run: async ({ event, tx, act, now }) => {
    const orderId = event.stream.id
    const due = await labelDueAt(tx, orderId, now)
    if (!due) return
    if (due.dueAt > now) return { again: due.dueAt }
    // What another workflow is about to settle is looked at again when that should be over.
    if (due.isBusy) return { again: new Date(now.getTime() + DAY) }
    const input = { orderId, dueAt: due.dueAt, graceUntil: await graceUntil(tx, now) }
    await act('startNonFulfilment', input, { tx, event })
  },
}) as Reaction

const RULES: readonly string[] = ['fulfilment.labelDeadlineHours', 'calendar.holidays'] satisfies PolicyKey[]

/** A shorter deadline counts for orders that wait already, from the day on which the rule holds. */
export const followFulfilmentRules = reaction<Act>({
  name: 'follow-fulfilment-rules',
  on: ['PolicyChanged'],
  when: ({ data }) => (RULES.includes(data.key) ? new Date(data.effectiveFrom) : null),
  run: ({ tx, now }) => lookAgain(tx, NAME, now),
}) as Reaction
