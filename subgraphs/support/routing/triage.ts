import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents, TicketCategory, TicketChange, TicketPriority } from '#shared/events/support.js'
import { refuse } from '#shared/refusal.js'
import { MAX_TAGS } from '../tags.js'
import type { TicketState } from '../ticket.js'
import type { RoutableQueue } from './routing.js'

const updated = (data: TicketChange, refs: string[] = []): Draft<SupportEvents>[] => [
  { type: 'SupportCaseUpdated', data, refs },
]

export const prioritised = (state: TicketState, priority: TicketPriority): Draft<SupportEvents>[] =>
  state.priority === priority
    ? []
    : updated({ change: 'PRIORITY', priority, previousPriority: state.priority })

export const categorised = (state: TicketState, category: TicketCategory): Draft<SupportEvents>[] =>
  state.category === category
    ? []
    : updated({ change: 'CATEGORY', category, previousCategory: state.category })

/** @throws Refusal UNKNOWN_REFERENCE or INVALID_STATE for a queue that takes no tickets */
export function requireQueue(queueId: string, queues: readonly RoutableQueue[]): RoutableQueue {
  const queue = queues.find(({ id }) => id === queueId)
  if (!queue) refuse('UNKNOWN_REFERENCE', 'There is no such queue.', 'queueId')
  if (!queue.isActive) refuse('INVALID_STATE', 'This queue takes no tickets any more.', 'queueId')
  return queue
}

/** To another queue; a queue for spam also takes it out of the inbox. */
export function queued(
  state: TicketState,
  queueId: string,
  queues: readonly RoutableQueue[],
): Draft<SupportEvents>[] {
  const { isSpam } = requireQueue(queueId, queues)
  const { queueId: previousQueueId, filterState } = state
  if (queueId === previousQueueId) return []
  const move = updated({ change: 'QUEUE', queueId, previousQueueId }, [queueId])
  if (isSpam && filterState !== 'SPAM')
    return [...move, { type: 'TicketFiltered', data: { filterState: 'SPAM', previousState: filterState } }]
  return move
}

/** @throws Refusal TOO_MANY */
export function tagged(state: TicketState, tags: string[]): Draft<SupportEvents>[] {
  if (tags.length > MAX_TAGS)
    refuse('TOO_MANY', `A ticket has at most ${MAX_TAGS} tags.`, 'tags', { most: MAX_TAGS })
  const same = tags.length === state.tags.length && tags.every(tag => state.tags.includes(tag))
  return same ? [] : updated({ change: 'TAGS', tags, previousTags: state.tags })
}
