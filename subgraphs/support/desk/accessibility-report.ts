import { aggregate } from '#shared/aggregate.js'
import type {
  AccessibilityReportStatus,
  AccessibilitySeverity,
  BarrierWords,
  BlockedCapability,
  DeskEvents,
} from '#shared/events/desk.js'
import { refuse } from '#shared/refusal.js'
import type { WorkItemPhase } from '#shared/work.js'

/** What decisions about a report rest on. `status` null: there is none. */
export interface ReportState {
  status: AccessibilityReportStatus | null
  severity: AccessibilitySeverity
  blocks: BlockedCapability[]
}

export const accessibilityReport = aggregate<ReportState, DeskEvents>({
  type: 'AccessibilityReport',
  prefix: 'acc',
  initial: { status: null, severity: 'MEDIUM', blocks: [] },
  evolve: {
    AccessibilityReportCreated: (_, { severity, blocks }) => ({ status: 'NEW', severity, blocks }),
    AccessibilityReportUpdated: (state, { severity = state.severity, blocks = state.blocks }) => ({
      ...state,
      severity,
      blocks,
    }),
    AccessibilityReportTransitioned: (state, { to }) => ({ ...state, status: to }),
  },
})

const PHASES: Readonly<Record<AccessibilityReportStatus, WorkItemPhase>> = {
  NEW: 'NEW',
  TRIAGED: 'ACTIVE',
  IN_PROGRESS: 'ACTIVE',
  RESOLVED: 'DONE',
  DISMISSED: 'DONE',
}

/** How far a report is, in the words for any kind of work (X1). */
export const phaseOf = (status: AccessibilityReportStatus): WorkItemPhase => PHASES[status]

const SEVERITIES: readonly AccessibilitySeverity[] = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']

/** Whatever keeps people from something they need is at least HIGH (A30). */
export const floorOf = (blocks: readonly BlockedCapability[]): AccessibilitySeverity =>
  blocks.length ? 'HIGH' : 'LOW'

export const isBelow = (severity: AccessibilitySeverity, floor: AccessibilitySeverity): boolean =>
  SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(floor)

export const raised = (
  severity: AccessibilitySeverity,
  blocks: readonly BlockedCapability[],
): AccessibilitySeverity => (isBelow(severity, floorOf(blocks)) ? floorOf(blocks) : severity)

/** Where a report goes from where (A33). */
export const WAYS: Readonly<Record<AccessibilityReportStatus, readonly AccessibilityReportStatus[]>> = {
  NEW: ['TRIAGED', 'DISMISSED'],
  TRIAGED: ['IN_PROGRESS', 'DISMISSED'],
  IN_PROGRESS: ['RESOLVED', 'DISMISSED'],
  RESOLVED: ['TRIAGED', 'DISMISSED'],
  DISMISSED: ['TRIAGED'],
}

/** Words that say nothing: allowed, and counted as missing (A29). */
const NOTHING: ReadonlySet<string> = new Set([
  '',
  '?',
  '-',
  'unknown',
  'not known',
  'n/a',
  'na',
  'none given',
  'unclear',
])

const CONTEXT = ['assistiveTechnology', 'browser', 'device'] as const

/** What is still to be found out: fields that say nothing, by name. */
export const missingOf = (
  words: Pick<BarrierWords, (typeof CONTEXT)[number]> & { route: string | null },
): string[] => [
  ...CONTEXT.filter(field => NOTHING.has(words[field].trim().toLowerCase())),
  ...(words.route === null ? ['route'] : []),
]

/** @throws Refusal INVALID for what is no path */
export function requireRoute(route: string | null | undefined, field = 'route'): void {
  if (route != null && !/^\/\S*$/.test(route))
    refuse('INVALID', 'A route starts with "/" and has no blanks, e.g. /checkout/payment.', field)
}

/** @throws Refusal NOT_FOUND */
export function requireReport({ status }: ReportState, isTheirs = true): void {
  if (status === null || !isTheirs) refuse('NOT_FOUND', 'There is no such report.', 'reportId')
}
