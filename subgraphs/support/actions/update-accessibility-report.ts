import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import {
  accessibilityReport,
  floorOf,
  isBelow,
  type ReportState,
  raised,
  requireReport,
  requireRoute,
} from '../desk/accessibility-report.js'
import { AccessibilitySeverity, BlockedCapability } from '../desk/desk-enums.js'
import { WORKERS } from '../staff.js'
import { AccessibilityReport } from '../views/accessibility-report.js'

@InputType('UpdateAccessibilityReportInput', {
  description: 'What was found out about a barrier; what is left out stays.',
})
export class UpdateAccessibilityReportInput extends ActionInput {
  @given('AccessibilityReport', 'The report.')
  reportId!: string

  @text('The exact page or feature.', { nullable: true, max: 200 })
  pageOrFeature?: string | null

  @text('Its path; starts with "/".', { nullable: true, max: 500 })
  route?: string | null

  @text('What happens, and what should.', { nullable: true, max: 20_000, multiline: true })
  description?: string | null

  @text('The assistive technology.', { nullable: true, max: 200 })
  assistiveTechnology?: string | null

  @text('The browser and its version.', { nullable: true, max: 200 })
  browser?: string | null

  @text('The device and its system.', { nullable: true, max: 200 })
  device?: string | null

  @several(BlockedCapability, 'All that it keeps people from; an empty list says: nothing.', {
    nullable: true,
    max: 4,
  })
  blocks?: (keyof typeof BlockedCapability)[] | null

  @oneOf(AccessibilitySeverity, 'How grave it is; at least HIGH while it blocks anything.', {
    nullable: true,
  })
  severity?: keyof typeof AccessibilitySeverity | null
}

const WORDS = ['pageOrFeature', 'description', 'assistiveTechnology', 'browser', 'device'] as const

const wordsOf = (input: UpdateAccessibilityReportInput) =>
  Object.fromEntries(WORDS.flatMap(field => (input[field] == null ? [] : [[field, input[field]]])))

/** What it blocks, and how grave that makes it. @throws Refusal INVALID for a severity below what it blocks */
function judged(state: ReportState, { blocks, severity }: UpdateAccessibilityReportInput) {
  const next = blocks ? [...new Set(blocks)] : state.blocks
  const floor = floorOf(next)
  if (severity && isBelow(severity, floor))
    refuse('INVALID', `It keeps people from ${next.join(', ')}, so it is at least ${floor}.`, 'severity', {
      floor,
    })
  const grave = raised(severity ?? state.severity, next)
  return {
    ...(blocks ? { blocks: next } : {}),
    ...(grave === state.severity ? {} : { severity: grave }),
  }
}

/** A29, A30, A32. */
export const updateAccessibilityReport = action({
  name: 'updateAccessibilityReport',
  description: 'Notes down what was found out about a barrier, and how grave it is.',
  input: UpdateAccessibilityReportInput,

  on: accessibilityReport,
  target: input => input.reportId,

  allow: WORKERS,

  decide(state, input): Draft<DeskEvents>[] {
    requireReport(state)
    requireRoute(input.route)
    const personal = wordsOf(input)
    const data = { ...judged(state, input), ...(input.route == null ? {} : { route: input.route }) }
    if (Object.keys({ ...personal, ...data }).length === 0) return []
    return [{ type: 'AccessibilityReportUpdated', data, personal }]
  },

  emits: ['AccessibilityReportUpdated'],
  returns: { report: AccessibilityReport },
})
