import { Extensions, ID, ObjectType } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { ClaimKind as Kind, ClaimOutcome as Outcome } from '#shared/events/claims.js'
import { entity, instant, json, money, oneOf, part, parts, ref, several, text } from '#shared/fields.js'
import { format, type Sum } from '#shared/money.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { inWords, RANK } from '#shared/work.js'
import {
  type ClaimState,
  claim,
  dueAtOf,
  isLate,
  phaseOf,
  queuedAt,
  type Sla,
  type ClaimStatus as Status,
  slasOf,
  statusOf,
} from '../claim.js'
import { Organization, User } from '../stubs.js'
import { Dispute } from './dispute.js'
import { checklistOf, EvidenceRequirement } from './evidence.js'
import { Order } from './order.js'

export const ClaimStatus = states('ClaimStatus', 'Where a claim stands (E49).', {
  OPEN: 'Nobody was asked for anything yet.',
  AWAITING_BUYER: 'The buyer has to bring evidence.',
  AWAITING_SELLER: 'The seller has to bring evidence.',
  UNDER_REVIEW: 'Neither buyer nor seller has to bring anything: somebody here decides.',
  RESOLVED: 'Decided; what is owed can still be given.',
  CLOSED: 'Over.',
})

export const ClaimKind = states('ClaimKind', 'What went wrong, says who claims.', {
  NOT_RECEIVED: 'It never arrived.',
  NOT_AS_DESCRIBED: 'It is not what was sold.',
  DAMAGED: 'It arrived broken.',
  UNAUTHORIZED: 'The buyer says that they never ordered it.',
  CHARGEBACK: "The card holder's bank took the money back.",
  OTHER: 'Something else.',
})

export const ClaimOutcome = states('ClaimOutcome', 'How a claim was decided (E54).', {
  BUYER: 'For the buyer: all of it is theirs.',
  SELLER: 'For the seller: nothing is owed.',
  SPLIT: 'In between: a part is owed to the buyer.',
  WITHDRAWN: 'Who claimed took it back.',
})

export const ClaimSlaMetric = states('ClaimSlaMetric', 'What is promised by a date.', {
  FIRST_RESPONSE: 'That the parties hear from us.',
  EVIDENCE: 'That evidence comes.',
})

export const ClaimSlaState = states('ClaimSlaState', 'Whether a promise is kept.', {
  RUNNING: 'Its date has not come.',
  MET: 'It was kept.',
  BREACHED: 'Its date passed.',
})

@ObjectType('ClaimSla', { description: 'What is promised on a claim by a date, in business hours (X5).' })
@Extensions({ value: true })
export class ClaimSla implements Sla {
  @oneOf(ClaimSlaMetric, 'What is promised.')
  metric!: Sla['metric']

  @instant('By when (UTC); of several pieces of evidence the one that is due first.')
  dueAt!: string

  @oneOf(ClaimSlaState, 'Whether it is kept.')
  state!: Sla['state']

  @instant('Since when it is broken (UTC).', { nullable: true })
  breachedAt!: string | null
}

@entity('Claim', {
  description: 'A disagreement about an order that people settle. At most one is open about an order.',
  allow: READERS,
  schema: 'orders',
  prefix: 'clm',
})
export class Claim extends Row {
  @ref(() => Order, 'The order it is about.')
  orderId!: string

  @ref(() => User, 'Who bought.', { nullable: true })
  buyerId!: string | null

  @ref(() => Organization, 'Who sold.', { nullable: true })
  sellerId!: string | null

  @oneOf(ClaimKind, 'What went wrong.')
  kind!: Kind

  @oneOf(ClaimStatus, 'Where it stands.')
  status!: Status

  @money('How much it is about.')
  amount!: Sum

  @text('What happened, in a few words.', { nullable: true, max: 5_000, multiline: true })
  summary!: string | null

  @text('Who opened it: open with node(id).')
  openedById!: string

  @text('The workflow that opened it: open with node(id).', { nullable: true, links: true })
  workflowId!: string | null

  @ref(() => Dispute, 'The chargeback about the same order that joined it last.', { nullable: true })
  chargebackId!: string | null

  @several(ID, 'Ids of all chargebacks that joined it.', { hidden: true, links: true })
  chargebackIds!: string[]

  @parts(() => EvidenceRequirement, 'What was asked for, and what came of it (E50).')
  checklist!: EvidenceRequirement[]

  @part(() => ClaimSla, 'What is promised now.')
  sla!: ClaimSla

  @parts(() => ClaimSla, 'All that was promised, first to last.')
  slas!: ClaimSla[]

  @instant('When what is waited for is due (UTC); null when nobody is waited for.', { nullable: true })
  dueAt!: Date | null

  @instant('Its place in the queue.', { hidden: true })
  queuedAt!: Date

  @oneOf(ClaimOutcome, 'How it was decided.', { nullable: true })
  outcome!: Outcome | null

  @money("What of it is the buyer's, as it was decided.", { nullable: true })
  buyerAmount!: Sum | null

  @text('Why it was decided so; the parties read it.', { nullable: true, max: 5_000, multiline: true })
  statement!: string | null

  @text('Why, as a reason code of resolveClaim; ROUTINE when a bank decided.', { nullable: true })
  resolvedReasonCode!: string | null

  @text('Who decided it: open with node(id).', { nullable: true })
  resolvedById!: string | null

  @instant('When it was decided (UTC).', { nullable: true })
  resolvedAt!: Date | null

  @instant('When it ended (UTC).', { nullable: true })
  closedAt!: Date | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: ClaimState
}

type Words = Parameters<typeof checklistOf>[2]

/** What follows from the state, after every event. */
function standing(row: Claim | null, state: ClaimState, words?: Words) {
  const slas = slasOf(state)
  const dueAt = dueAtOf(state)
  return {
    status: statusOf(state),
    checklist: checklistOf(state, row?.checklist ?? [], words),
    slas,
    sla: slas.at(-1)!,
    dueAt: dueAt === null ? null : new Date(dueAt),
    queuedAt: new Date(queuedAt(state)),
    chargebackIds: state.chargebacks.map(({ id }) => id),
    chargebackId: state.chargebacks.at(-1)?.id ?? null,
  }
}

const follow = (_: unknown, row: Claim | null, state: ClaimState) => standing(row, state)

export const claims = view(Claim, {
  of: claim,
  work: row => ({
    phase: phaseOf(row.state),
    title: `Claim: ${inWords(row.kind).toLowerCase()}, ${format(row.amount)}`,
    priority: row.sla.state === 'BREACHED' ? RANK.SOON : RANK.IN_TURN,
    dueAt: row.dueAt,
    since: row.closedAt ?? row.resolvedAt,
    workspace: 'SHIPPING',
    becauseOf: isLate(row.state) ? 'EVIDENCE_OVERDUE' : row.status,
  }),
  on: {
    ClaimOpened: ({ data, actor }, row, state) => ({
      ...standing(row, state),
      orderId: data.orderId,
      buyerId: data.buyerId,
      sellerId: data.sellerId,
      kind: data.kind,
      amount: data.amount,
      summary: data.summary ?? null,
      workflowId: data.workflowId,
      openedById: actor.id,
    }),
    ClaimChargebackLinked: follow,
    EvidenceRequested: ({ data: { requirementId, instructions } }, row, state) =>
      standing(row, state, { requirementId, instructions: instructions ?? null }),
    EvidenceSatisfied: ({ data: { requirementId, evidence, description } }, row, state) =>
      standing(row, state, { requirementId, evidence, description: description ?? null }),
    EvidenceWaived: follow,
    ClaimNoteAdded: follow,
    ClaimSlaBreached: follow,
    ClaimResolved: ({ data, actor, reasonCode, occurredAt }, row, state) => ({
      ...standing(row, state),
      outcome: data.outcome,
      buyerAmount: data.buyerAmount,
      statement: data.statement ?? null,
      resolvedReasonCode: reasonCode,
      resolvedById: actor.id,
      resolvedAt: occurredAt,
    }),
    ClaimClosed: ({ occurredAt }, row, state) => ({ ...standing(row, state), closedAt: occurredAt }),
  },
})
