import type { Warning } from '#shared/action.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents, WithoutMessage } from '#shared/events/support.js'
import type { SlaCycle } from './sla/sla.js'
import type { Said, TicketState } from './ticket.js'

const iso = (at: string | Date): string => new Date(at).toISOString()

/** The promise that a message kept, and which other one kept it instead. */
function keptBy(promises: readonly SlaCycle[], told: readonly string[], others: readonly string[]) {
  const at = promises.findIndex(({ answeredAt }) => answeredAt !== null && told.includes(answeredAt))
  if (at < 0) return null
  const { cycle, answeredAt } = promises[at]!
  const end = promises[at + 1]?.startedAt
  const instead = others.find(other => other >= answeredAt! && (end === undefined || other < end))
  return { cycle, answeredAt: instead ?? null }
}

/** Since when customers know of the ticket, when they are not to have read this: what staff opened for themselves may be that again. */
function shownWithout({ messages, shownSince }: TicketState, messageId: string): string | null {
  const known = shownSince && iso(shownSince)
  if (known === null || !messages[messageId]!.told.includes(known)) return known
  const others = Object.entries(messages).flatMap(([id, { publicSince }]) =>
    id === messageId || publicSince === null ? [] : [publicSince],
  )
  return others.sort()[0] ?? null
}

/** What is true of a ticket as if staff had never said this (D60): when they first and last replied, who had the last word, which promise is kept. */
function withoutMessage(state: TicketState, messageId: string): WithoutMessage {
  const others = Object.entries(state.messages)
    .flatMap(([id, { told }]) => (id === messageId ? [] : told))
    .sort()
  const { told } = state.messages[messageId]!
  const lastStaffReplyAt = others.at(-1) ?? null
  const asked = state.lastCustomerMessageAt && iso(state.lastCustomerMessageAt)
  return {
    firstRepliedAt: others[0] ?? null,
    lastStaffReplyAt,
    awaitsReply: asked !== null && (lastStaffReplyAt === null || asked >= lastStaffReplyAt),
    shownSince: shownWithout(state, messageId),
    kept: keptBy(state.slaCycles, told, others),
    keptEmergency: keptBy(state.slaEmergencies, told, others),
  }
}

/** Whether a ticket stands where this message brought it. */
export const standsBy = ({ status, statusSince }: TicketState, { told }: Said): boolean =>
  status === 'RESOLVED' && statusSince !== null && iso(statusSince) === told[0]

/** Back to where a ticket stood before this message resolved it; nothing when it resolved none, or somebody moved it since. */
function unresolved(state: TicketState, message: Said): Draft<SupportEvents>[] {
  const { resolved } = message
  if (!resolved?.status || !resolved.statusReason || !resolved.statusSince || !standsBy(state, message))
    return []
  const { status, statusReason, statusSince, previousStatus } = resolved
  const data = {
    change: 'STATUS',
    from: 'RESOLVED',
    to: status,
    statusReason,
    corrective: true,
    closesAt: null,
    restores: { statusSince: iso(statusSince), previousStatus },
  } as const
  return [{ type: 'SupportCaseUpdated', data }]
}

/** D60: the message is a note from then on, and nothing of what it did holds. */
export function calledBack(state: TicketState, messageId: string): Draft<SupportEvents>[] {
  const { organizationId, requesterId } = state
  const message = state.messages[messageId]!
  const data = {
    messageId,
    from: 'PUBLIC',
    to: 'PRIVATE',
    kind: 'INTERNAL_NOTE',
    deliveredAt: message.publicSince,
    recalled: true,
    without: withoutMessage(state, messageId),
    organizationId,
    requesterId,
  } as const
  return [...unresolved(state, message), { type: 'SupportNoteVisibilityChanged', data, refs: [messageId] }]
}

/** A resolution was called back, and the ticket stays where somebody moved it since. */
export function keptStatus(state: TicketState, message: Said): Warning[] {
  if (!message.resolved || standsBy(state, message)) return []
  const { status, statusSince } = state
  return [
    {
      code: 'STATUS_KEPT',
      message: `Only the message was called back: the ticket is ${status} by what happened since, and stays so.`,
      facts: { status, statusSince },
    },
  ]
}
