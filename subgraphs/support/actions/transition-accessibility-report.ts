import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents, AccessibilityReportStatus as Status } from '#shared/events/desk.js'
import { given, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { accessibilityReport, requireReport, WAYS } from '../desk/accessibility-report.js'
import { AccessibilityReportStatus } from '../desk/desk-enums.js'
import { WORKERS } from '../staff.js'
import { AccessibilityReport } from '../views/accessibility-report.js'

@InputType('TransitionAccessibilityReportInput', {
  description: 'Where a report of a barrier goes, and why.',
})
export class TransitionAccessibilityReportInput extends ActionInput {
  @given('AccessibilityReport', 'The report.')
  reportId!: string

  @oneOf(AccessibilityReportStatus, 'Where it goes.')
  to!: Status
}

const REASONS = {
  CONFIRMED: 'TRIAGED: it was understood and judged.',
  NOT_FIXED: 'TRIAGED again: the barrier is still there.',
  NEW_INFORMATION: 'TRIAGED again: more is known.',
  WORK_STARTED: 'IN_PROGRESS: somebody works on it.',
  FIXED: 'RESOLVED: the barrier is gone.',
  ALTERNATIVE_PROVIDED: 'RESOLVED: there is another way that everybody can use.',
  NOT_REPRODUCIBLE: 'DISMISSED: it could not be found.',
  DUPLICATE: 'DISMISSED: it was reported before.',
  NOT_OURS: 'DISMISSED: it is no part of this product.',
  NOT_A_BARRIER: 'DISMISSED: it works as it should.',
} as const

/** Why a report goes where: a reason says the state that it leads to. */
const fits = (reason: string | undefined, to: Status): boolean =>
  reason !== undefined && new RegExp(`^${to}\\b`).test(REASONS[reason as keyof typeof REASONS])

const reasonsFor = (to: Status): string[] => Object.keys(REASONS).filter(reason => fits(reason, to))

/** A33. */
export const transitionAccessibilityReport = action({
  name: 'transitionAccessibilityReport',
  description:
    'Takes a report of a barrier from one state to the next: NEW, TRIAGED, IN_PROGRESS, RESOLVED; from any of them to DISMISSED, which wants a note; from RESOLVED and DISMISSED back to TRIAGED.',
  input: TransitionAccessibilityReportInput,
  reasons: REASONS,

  on: accessibilityReport,
  target: input => input.reportId,

  allow: WORKERS,

  decide(state, { to, reason, note }): Draft<DeskEvents> {
    requireReport(state)
    const from = state.status!
    if (!WAYS[from].includes(to))
      refuse('INVALID_STATE', `It is ${from}; from there it goes to ${WAYS[from].join(' or ')}.`, 'to', {
        status: from,
        ways: WAYS[from],
      })
    if (!fits(reason, to))
      refuse('INVALID', `${reason} is no reason for ${to}.`, 'reason', { reasons: reasonsFor(to) })
    if (to === 'DISMISSED' && !note?.trim())
      refuse('INVALID', 'Who reported it deserves to know why: write a note.', 'note')
    return { type: 'AccessibilityReportTransitioned', data: { from, to } }
  },

  emits: ['AccessibilityReportTransitioned'],
  returns: { report: AccessibilityReport },
})
