import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { TrustOutcome as Outcome } from '#shared/events/risk.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { inWords, RANK, type WorkItemPhase } from '#shared/work.js'
import { RISK_READERS } from '../audience.js'
import { StaffMember } from '../stubs.js'
import { trustCase } from '../trust-case.js'

export const TrustCaseState = states('TrustCaseState', 'Where a trust case stands.', {
  OPEN: 'Nobody has taken it.',
  IN_REVIEW: 'Somebody works on it.',
  DECIDED: 'It is over.',
})

export const TrustOutcome = states('TrustOutcome', 'What came of a trust case.', {
  NO_ACTION: 'There was nothing to do.',
  ACTION_TAKEN: 'Measures were taken.',
  REFERRED: 'Others have to look: a lawyer, an authority, the payment provider.',
})

@entity('TrustCase', {
  description:
    'Something that was handed to Trust & Safety. All staff see that it is there and where it stands; what it says is for risk (E12, E63).',
  allow: READERS,
  schema: 'risk',
  prefix: 'tcs',
})
export class TrustCase extends Row {
  @oneOf(TrustCaseState, 'Where it stands.')
  state!: keyof typeof TrustCaseState

  @text('What it came from, e.g. an order or a claim: open with node(id).', { links: true })
  fromId!: string

  @several(ID, 'What it came from, and whom and what that concerns: open them with nodes(ids).', {
    links: true,
  })
  subjectIds!: string[]

  @text('What is wrong, in words.', { nullable: true, only: RISK_READERS })
  summary!: string | null

  @several(ID, 'What shows it: open them with nodes(ids).', { only: RISK_READERS, links: true })
  evidenceIds!: string[] | null

  @text('Why it was handed over, as a reason code of handOffToTrust.')
  reasonCode!: string

  @ref(() => StaffMember, 'Who handed it over.', { as: 'openedBy' })
  openedById!: string

  @ref(() => StaffMember, 'Who works on it, or decided it.', { nullable: true })
  assigneeId!: string | null

  @instant('Since when they do (UTC).', { nullable: true })
  assignedAt!: Date | null

  @oneOf(TrustOutcome, 'What came of it.', { nullable: true })
  outcome!: Outcome | null

  @text('Why it was decided so, in words.', { nullable: true, only: RISK_READERS })
  statement!: string | null

  @instant('When it was decided (UTC).', { nullable: true })
  decidedAt!: Date | null
}

const PHASES: Readonly<Record<TrustCase['state'], WorkItemPhase>> = {
  OPEN: 'NEW',
  IN_REVIEW: 'ACTIVE',
  DECIDED: 'DONE',
}

export const trustCases = view(TrustCase, {
  of: trustCase,
  // What it says is for risk; all staff may know why it was handed over.
  work: row => ({
    phase: PHASES[row.state],
    title: `Trust case: ${inWords(row.reasonCode).toLowerCase()}`,
    priority: RANK.SOON,
    safetySensitive: row.reasonCode === 'SAFETY',
    since: row.decidedAt ?? row.assignedAt,
    assigneeId: row.assigneeId,
    workspace: 'TRUST',
    becauseOf: row.reasonCode,
  }),
  on: {
    TrustCaseOpened: ({ data: { fromId, subjectIds, evidence, summary = null }, actor, reasonCode }) => ({
      state: TrustCaseState.OPEN,
      fromId,
      subjectIds: [...new Set([fromId, ...subjectIds])],
      evidenceIds: evidence,
      summary,
      reasonCode,
      openedById: actor.id,
    }),
    TrustCaseAssigned: ({ data: { assigneeId }, occurredAt }) => ({
      state: assigneeId === null ? TrustCaseState.OPEN : TrustCaseState.IN_REVIEW,
      assigneeId,
      assignedAt: assigneeId === null ? null : occurredAt,
    }),
    TrustCaseDecided: ({ data: { outcome, statement = null }, occurredAt }) => ({
      state: TrustCaseState.DECIDED,
      outcome,
      statement,
      decidedAt: occurredAt,
    }),
  },
})
