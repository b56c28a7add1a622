import { type Aggregate, aggregate, type Draft, isOutside } from '#shared/aggregate.js'
import {
  countsForCustomers,
  type MessageKind,
  type MessageVisibility,
  type SupportEvents,
  type TicketStatus,
  type TicketStatusReason,
} from '#shared/events/support.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { mayTouch } from './audience.js'
import { ESCALATION_STEPS, type Escalations } from './desk/escalation.js'
import { ANY_STEPS, NOWHERE, type Standing } from './standing.js'
import { closesAfter } from './status.js'

/** A message, as far as decisions rest on it. */
export interface Said {
  kind: MessageKind
  visibility: MessageVisibility
  authorId: string
  revision: number
  /** Since when customers can read it, ISO 8601; null when they cannot. */
  publicSince: string | null
  /** Each time that it became a public word of staff; ISO 8601. None once it was called back. */
  told: readonly string[]
  /** It resolved the ticket: how that stood before. */
  resolved: Stood | null
}

/** Where a ticket stood. */
type Stood = Pick<Standing, 'status' | 'statusReason' | 'statusSince' | 'previousStatus'>

/** What a decision about a ticket comes to. */
export type Happening = Draft<SupportEvents> | Draft<SupportEvents>[]

/** What decisions about a ticket rest on. `status` null: there is no such ticket. Instants are ISO 8601. */
export interface TicketState extends Standing {
  organizationId: string | null
  requesterId: string | null
  openedByKind: string | null
  /** How often the address of who did not sign in was changed: tokens of earlier rounds open nothing. */
  accessRound: number
  messages: Readonly<Record<string, Said>>
  escalations: Escalations
}

type Evolve = NonNullable<Aggregate<TicketState, SupportEvents>['evolve']>
type Happened = Parameters<NonNullable<Evolve['SupportCaseOpened']>>[2]

const toldBy = (kind: MessageKind, visibility: MessageVisibility, { occurredAt }: Happened): string[] =>
  kind === 'STAFF_REPLY' && visibility === 'PUBLIC' ? [occurredAt.toISOString()] : []

const beginning = (data: { kind: MessageKind; visibility: MessageVisibility }, event: Happened): Said => ({
  kind: data.kind,
  visibility: data.visibility,
  authorId: event.actor.id,
  revision: 1,
  publicSince: data.visibility === 'PUBLIC' ? event.occurredAt.toISOString() : null,
  told: toldBy(data.kind, data.visibility, event),
  resolved: null,
})

const stood = ({ status, statusReason, statusSince, previousStatus }: TicketState): Stood => ({
  status,
  statusReason,
  statusSince,
  previousStatus,
})

/** What becomes of a message, besides of the ticket. */
const MESSAGES: {
  [K in keyof SupportEvents]?: (
    old: Said | undefined,
    data: SupportEvents[K],
    event: Happened,
    before: TicketState,
  ) => Said
} = {
  SupportCaseOpened: (_, data, event) => beginning(data, event),
  SupportReplyPosted: (_, { kind, isResolution }, event, before) => ({
    ...beginning({ kind, visibility: 'PUBLIC' }, event),
    resolved: isResolution ? stood(before) : null,
  }),
  SupportNoteAdded: (_, _data, event) => beginning({ kind: 'INTERNAL_NOTE', visibility: 'PRIVATE' }, event),
  SupportNoteEdited: (old, { revision }) => ({ ...old!, revision }),
  SupportResolutionWithdrawn: old => ({ ...old!, resolved: null }),
  SupportNoteVisibilityChanged: (old, { to, kind, recalled }, event) => ({
    ...old!,
    kind,
    visibility: to,
    publicSince: to === 'PUBLIC' ? event.occurredAt.toISOString() : null,
    told: recalled ? [] : [...old!.told, ...toldBy(kind, to, event)],
    resolved: recalled ? null : old!.resolved,
  }),
}

type AnyEvolve = (state: TicketState, data: { messageId?: string }, event: Happened) => TicketState

function evolveOf(type: string): AnyEvolve {
  const step = ANY_STEPS[type]!
  const tell = MESSAGES[type as keyof SupportEvents] as
    | ((old: Said | undefined, data: unknown, event: Happened, before: TicketState) => Said)
    | undefined
  return (state, data, event) => {
    const next = { ...state, ...step(state, data, event) }
    if (!tell || data.messageId === undefined) return next
    const message = tell(state.messages[data.messageId], data, event, state)
    return { ...next, messages: { ...state.messages, [data.messageId]: message } }
  }
}

/** What becomes of an escalation, besides of the ticket. */
function escalated<K extends keyof typeof ESCALATION_STEPS>(type: K) {
  const step = evolveOf(type)
  const tell = ESCALATION_STEPS[type]
  return (state: TicketState, data: SupportEvents[K], event: Happened): TicketState => {
    const { escalationId } = data
    const one = tell(state.escalations[escalationId], data, event)
    return {
      ...step(state, data as object, event),
      escalations: { ...state.escalations, [escalationId]: one },
    }
  }
}

export const ticket = aggregate<TicketState, SupportEvents>({
  type: 'Ticket',
  prefix: 'tkt',
  forCustomers: countsForCustomers,
  initial: {
    ...NOWHERE,
    organizationId: null,
    requesterId: null,
    openedByKind: null,
    accessRound: 0,
    messages: {},
    escalations: {},
  },
  evolve: {
    ...(Object.fromEntries(Object.keys(ANY_STEPS).map(type => [type, evolveOf(type)])) as Evolve),
    TicketEscalated: escalated('TicketEscalated'),
    EscalationPaged: escalated('EscalationPaged'),
    EscalationAcknowledged: escalated('EscalationAcknowledged'),
    SupportCaseOpened: (state, data, event) => ({
      ...evolveOf('SupportCaseOpened')(state, data, event),
      organizationId: data.organizationId,
      requesterId: data.requesterId,
      openedByKind: event.actor.kind,
    }),
    RequesterContactChanged: (state, data) => ({ ...state, accessRound: data.accessRound }),
  },
})

/** @throws Refusal NOT_FOUND when there is none, or none that this caller may know of */
export function requireTicket({ status }: TicketState, isTheirs = true): void {
  if (status === null || !isTheirs) refuse('NOT_FOUND', 'There is no such ticket.', 'ticketId')
}

/** @throws Refusal INVALID_STATE when nothing more can be said or done (D47, X2) */
export function requireOpen({ status, closedAt, mergedIntoId }: TicketState): void {
  if (status !== 'CLOSED') return
  if (mergedIntoId)
    refuse('INVALID_STATE', 'This ticket went into another one; go on there.', 'ticketId', {
      status,
      closedAt,
      mergedIntoId,
    })
  refuse('INVALID_STATE', 'This ticket is closed; reopen it, or open a new one.', 'ticketId', {
    status,
    closedAt,
  })
}

/** The ticket is there, open, and the caller's. */
export function requireWork(state: TicketState, identity?: Identity): void {
  requireTicket(state, !identity || mayTouch(state, identity))
  requireOpen(state)
}

interface Move {
  to: TicketStatus
  statusReason: TicketStatusReason
  now: Date
  corrective?: boolean
}

/** The ticket goes from where it stands to somewhere else. */
export function moved(
  { status, followUpNeeded }: TicketState,
  { to, statusReason, now, corrective = false }: Move,
): Draft<SupportEvents> {
  const closesAt = to === 'RESOLVED' && !followUpNeeded ? closesAfter(now).toISOString() : null
  const data = { change: 'STATUS', from: status!, to, statusReason, corrective, closesAt } as const
  return { type: 'SupportCaseUpdated', data }
}

const ANSWERED_BY_CUSTOMER: readonly TicketStatus[] = ['WAITING_ON_BUYER', 'WAITING_ON_SELLER', 'RESOLVED']

/** What follows when a customer says something: what waited goes on, what slept wakes (D32). */
export function afterCustomerSpoke(
  state: TicketState,
  identity: Identity,
  now: Date,
): Draft<SupportEvents>[] {
  if (!isOutside(identity)) return []
  const drafts: Draft<SupportEvents>[] = []
  if (state.status && ANSWERED_BY_CUSTOMER.includes(state.status))
    drafts.push(moved(state, { to: 'OPEN', statusReason: 'CUSTOMER_REPLIED', now }))
  if (state.snoozedUntil)
    drafts.push({
      type: 'SupportCaseUpdated',
      data: { change: 'SNOOZE', until: null, because: 'CUSTOMER_REPLIED' },
    })
  return drafts
}

/** Given to somebody, or to nobody: from one person to another is two events (D52). */
export function assigned(from: string | null, to: string | null): Draft<SupportEvents>[] {
  const change = (assigneeId: string | null, previousAssigneeId: string | null): Draft<SupportEvents> => ({
    type: 'SupportCaseUpdated',
    data: { change: 'ASSIGNEE', assigneeId, previousAssigneeId },
    refs: [assigneeId, previousAssigneeId].filter(id => id !== null),
  })
  if (from === to) return []
  if (from !== null && to !== null) return [change(null, from), change(to, null)]
  return [change(to, from)]
}
