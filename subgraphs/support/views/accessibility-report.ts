import { Row } from '#shared/entity.js'
import type {
  BlockedCapability as Capability,
  AccessibilitySeverity as Severity,
  AccessibilityReportStatus as Status,
} from '#shared/events/desk.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { RANK_OF } from '#shared/work.js'
import { TICKET_READERS, theirs } from '../audience.js'
import { accessibilityReport, missingOf, phaseOf } from '../desk/accessibility-report.js'
import { AccessibilityReportStatus, AccessibilitySeverity, BlockedCapability } from '../desk/desk-enums.js'
import { REMOVED } from '../removed.js'
import { Organization, User } from '../stubs.js'
import { Ticket } from './ticket.js'

@entity('AccessibilityReport', {
  description: 'That something cannot be used by everybody, and what keeps them from it (A28 to A33).',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'acc',
  requester: theirs,
})
export class AccessibilityReport extends Row {
  @text('The exact page or feature.')
  pageOrFeature!: string

  @text('Its path; starts with "/".', { nullable: true })
  route!: string | null

  @text('What happens, and what should.', { multiline: true })
  description!: string

  @text('The assistive technology, e.g. NVDA 2025.1.')
  assistiveTechnology!: string

  @text('The browser and its version.')
  browser!: string

  @text('The device and its system.')
  device!: string

  @several(BlockedCapability, 'What it keeps people from; empty: explicitly nothing.')
  blocks!: Capability[]

  @oneOf(AccessibilitySeverity, 'How grave it is; at least HIGH when it keeps people from anything.')
  severity!: Severity

  @oneOf(AccessibilityReportStatus, 'Where it stands.')
  status!: Status

  @instant('Since when it stands there (UTC).')
  statusSince!: Date

  @text('Why it stands there: reason of the last transition.', { nullable: true, only: READERS })
  statusReason!: string | null

  @text('What was noted down with the last transition.', { nullable: true, only: READERS, multiline: true })
  statusNote!: string | null

  @several(String, 'What is still to be found out, by name of the field: "unknown" counts as missing.')
  missing!: string[]

  @ref(() => Ticket, 'The ticket that it was reported on.', { nullable: true })
  ticketId!: string | null

  @ref(() => Organization, 'The account that met it.', { nullable: true })
  organizationId!: string | null

  @ref(() => User, 'The customer who met it.', { nullable: true })
  requesterId!: string | null

  @text('Who reported it: open with node(id).', { only: READERS })
  createdById!: string
}

const wordsOf = (row: AccessibilityReport) => ({ missing: missingOf(row) })

export const accessibilityReports = view(AccessibilityReport, {
  of: accessibilityReport,
  work: row => ({
    phase: phaseOf(row.status),
    title: row.pageOrFeature,
    priority: RANK_OF[row.severity],
    since: row.statusSince,
    workspace: 'TRIAGE',
    becauseOf: row.status,
  }),
  on: {
    AccessibilityReportCreated: ({ data, actor, occurredAt }) => {
      const { pageOrFeature = REMOVED, description = REMOVED, browser = REMOVED, device = REMOVED } = data
      const { assistiveTechnology = REMOVED, ...rest } = data
      const row = { ...rest, pageOrFeature, description, assistiveTechnology, browser, device }
      return {
        ...row,
        missing: missingOf(row),
        status: 'NEW' as const,
        statusSince: occurredAt,
        createdById: actor.id,
      }
    },
    AccessibilityReportUpdated: ({ data }, row) => {
      const next = { ...row!, ...data }
      return { ...data, ...wordsOf(next as AccessibilityReport) }
    },
    AccessibilityReportTransitioned: ({ data, occurredAt, reasonCode, note }) => ({
      status: data.to,
      statusSince: occurredAt,
      statusReason: reasonCode,
      statusNote: note,
    }),
  },
})
