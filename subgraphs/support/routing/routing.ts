import type { EntityManager } from 'typeorm'
import type {
  FilterState,
  RoutingFrozen,
  RoutingRuleShape,
  RoutingStep,
  TicketCategory,
  TicketChannel,
  TicketPriority,
} from '#shared/events/support.js'
import { RULES_ID } from './routing-rules.js'

/** A queue, as far as routing looks at it. */
export interface RoutableQueue {
  id: string
  name: string
  categories: TicketCategory[]
  isActive: boolean
  isSpam: boolean
}

/** What rules look at. */
export interface Routable {
  category: TicketCategory
  channel: TicketChannel
  linkTypes: readonly string[]
  text: string
  plan: string | null
}

/** Rules and queues as they are now. */
export interface Routes {
  version: number
  rules: readonly RoutingRuleShape[]
  queues: readonly RoutableQueue[]
}

/** What routing decides. */
export interface Routed {
  queueId: string | null
  tags: string[]
  priority: TicketPriority | null
  safetySensitive: boolean
  filterState: FilterState
  filteredBy: string | null
  routing: RoutingFrozen
}

export async function readRoutes(tx: EntityManager): Promise<Routes> {
  const [set] = await tx.query('select version, rules from support.routing_rule_set where id = $1', [
    RULES_ID,
  ])
  return { version: set?.version ?? 0, rules: set?.rules ?? [], queues: await readQueues(tx) }
}

export const readQueues = (tx: EntityManager): Promise<RoutableQueue[]> =>
  tx.query(
    `select id, name, categories, is_active as "isActive", is_spam as "isSpam" from support.queue order by created_at, id`,
  )

/** Types of the entities that a ticket is about, e.g. `Order`. */
export async function typesOf(tx: EntityManager, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows: { type: string }[] = await tx.query(
    `select distinct entity_type as type from search.identifier where kind = 'ID' and entity_id = any($1)`,
    [ids],
  )
  return rows.map(row => row.type)
}

const RANK: readonly TicketPriority[] = ['LOW', 'NORMAL', 'HIGH', 'URGENT']

/** The more urgent of two. */
export const atLeast = (a: TicketPriority, b: TicketPriority | null): TicketPriority =>
  b !== null && RANK.indexOf(b) > RANK.indexOf(a) ? b : a

/** Words alone, so that `refund` is not found in `refundable`, and punctuation does not hide it. */
const wordsOf = (text: string): string =>
  ` ${text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(' ')} `

const oneOf = <T>(
  wanted: readonly T[] | null | undefined,
  has: (value: T) => boolean,
): T | null | undefined => (wanted?.length ? (wanted.find(has) ?? null) : undefined)

/** What of the ticket meets the rule; or, not matched, the first condition that it does not meet. */
function matching({ when }: RoutingRuleShape, ticket: Routable): { matched: boolean; because: string } {
  const words = wordsOf(ticket.text)
  const plan = ticket.plan?.toLowerCase()
  const met: [what: string, found: string | null | undefined][] = [
    ['category', oneOf(when.categories, one => one === ticket.category)],
    ['channel', oneOf(when.channels, one => one === ticket.channel)],
    ['about a', oneOf(when.linkTypes, one => ticket.linkTypes.includes(one))],
    ['plan', oneOf(when.plans, one => one.toLowerCase() === plan)],
    ['word', oneOf(when.words, one => words.includes(wordsOf(one)))],
  ]
  const missed = met.find(([, found]) => found === null)
  if (missed) return { matched: false, because: `No ${missed[0]} that it asks for.` }
  const said = met.filter(([, found]) => found !== undefined).map(([what, found]) => `${what} ${found}`)
  return { matched: said.length > 0, because: said.join(', ') || 'It asks for nothing.' }
}

function stepOf(rule: RoutingRuleShape, ticket: Routable): RoutingStep {
  const { matched, because } = matching(rule, ticket)
  if (!matched) return { rule: rule.name, matched, because }
  const { thenQueueId, tags, priority, safetySensitive, filter } = rule
  return { rule: rule.name, matched, because, queueId: thenQueueId, tags, priority, safetySensitive, filter }
}

/** Where tickets of a category go when no rule says so: a queue for it, else the one for questions. */
export function homeOf(
  category: TicketCategory,
  queues: readonly RoutableQueue[],
): { queueId: string | null; because: string } {
  const open = queues.filter(({ isActive, isSpam }) => isActive && !isSpam)
  const own = open.find(({ categories }) => categories.includes(category))
  if (own) return { queueId: own.id, because: `No rule names a queue; ${own.name} takes ${category}.` }
  const any = open.find(({ categories }) => categories.includes('REPLY_NEEDED')) ?? open[0]
  return any
    ? {
        queueId: any.id,
        because: `Neither a rule nor a queue names ${category}; ${any.name} takes what nobody else does.`,
      }
    : { queueId: null, because: 'There is no active queue.' }
}

/**
 * Finds a ticket its queue (A2, C11, D55): every rule is looked at, in order; each that matches adds its tags, urgency and safety flag,
 * the first that names a queue that is active decides it, and so with keeping it apart. Pure.
 */
export function route({ version, rules, queues }: Routes, ticket: Routable): Routed {
  const steps = rules.map(rule => stepOf(rule, ticket))
  const hits = steps.filter(({ matched }) => matched)
  const usable = new Map(queues.filter(({ isActive }) => isActive).map(queue => [queue.id, queue]))
  const sender = hits.find(({ queueId }) => queueId && usable.has(queueId))
  const { queueId, because } = sender
    ? { queueId: sender.queueId!, because: `Rule ${sender.rule}.` }
    : homeOf(ticket.category, queues)
  const keeper = hits.find(({ filter }) => filter && filter !== 'INBOX')
  const isSpam = queueId !== null && usable.get(queueId)?.isSpam === true
  return {
    queueId,
    tags: [...new Set(hits.flatMap(({ tags = [] }) => tags))],
    priority: hits.reduce<TicketPriority | null>(
      (most, { priority }) => (priority ? atLeast(priority, most) : most),
      null,
    ),
    safetySensitive: hits.some(one => one.safetySensitive),
    filterState: keeper?.filter ?? (isSpam ? 'SPAM' : 'INBOX'),
    filteredBy: keeper?.rule ?? (isSpam ? (sender?.rule ?? null) : null),
    routing: { rulesVersion: version, steps, queueId, because },
  }
}
