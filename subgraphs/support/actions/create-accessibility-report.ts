import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { requireRecorded, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { isCustomer, mayTouch, type Owned, type OwnedTicket, onlyAccount } from '../audience.js'
import { accessibilityReport, raised, requireRoute } from '../desk/accessibility-report.js'
import { AccessibilitySeverity, BlockedCapability } from '../desk/desk-enums.js'
import { AccessibilityReport } from '../views/accessibility-report.js'

@InputType('CreateAccessibilityReportInput', { description: 'What cannot be used, where, and with what.' })
export class CreateAccessibilityReportInput extends ActionInput {
  @text('The exact page or feature.', { max: 200 })
  pageOrFeature!: string

  @text('Its path, where it has one; starts with "/".', { nullable: true, max: 500 })
  route?: string | null

  @text('What happens, and what should: plain text.', { max: 20_000, multiline: true })
  description!: string

  @text('The assistive technology; "unknown" is taken, and counts as missing.', { max: 200 })
  assistiveTechnology!: string

  @text('The browser and its version; "unknown" is taken, and counts as missing.', { max: 200 })
  browser!: string

  @text('The device and its system; "unknown" is taken, and counts as missing.', { max: 200 })
  device!: string

  @several(BlockedCapability, 'What it keeps people from; an empty list says: nothing.', { max: 4 })
  blocks!: (keyof typeof BlockedCapability)[]

  @oneOf(
    AccessibilitySeverity,
    'MEDIUM unless said otherwise, raised to HIGH when it blocks anything; for staff.',
    {
      nullable: true,
    },
  )
  severity?: keyof typeof AccessibilitySeverity | null

  @given('Organization', 'The account that met it. A customer with one account need not say.', {
    nullable: true,
  })
  organizationId?: string | null

  @given('User', 'The customer who met it, when staff or machines report it.', { nullable: true })
  requesterId?: string | null

  @given('Ticket', 'The ticket that it was reported on.', { nullable: true })
  ticketId?: string | null
}

interface Ground {
  identity: Identity
  unknown: string[]
  /** Whose the named ticket is; null when there is none. */
  ticket: OwnedTicket | null
}

async function prepare(
  { organizationId, requesterId, ticketId }: CreateAccessibilityReportInput,
  tx: EntityManager,
  { identity }: Caller,
): Promise<Ground> {
  const [ticket] = ticketId
    ? await tx.query(
        'select organization_id as "organizationId", requester_id as "requesterId", shown_since as "shownSince" from support.ticket where id = $1',
        [ticketId],
      )
    : []
  const named = [organizationId, requesterId].filter(id => id != null)
  const unknown = isCustomer(identity) ? [] : await unknownIds(tx, named)
  return { identity, unknown, ticket: ticket ?? null }
}

/** A customer reports for an account of theirs, others for whom they name. */
function whose({ organizationId, requesterId }: CreateAccessibilityReportInput, identity: Identity): Owned {
  if (!isCustomer(identity))
    return { organizationId: organizationId ?? null, requesterId: requesterId ?? null }
  const { personId, orgIds } = identity
  if (requesterId && requesterId !== personId) refuse('NOT_FOUND', 'You report for yourself.', 'requesterId')
  const account = organizationId ?? onlyAccount(identity)
  if (account === null) refuse('INVALID', 'Say which of your accounts it is for.', 'organizationId')
  if (!orgIds.includes(account)) refuse('NOT_FOUND', 'This is not an account of yours.', 'organizationId')
  return { organizationId: account, requesterId: personId }
}

function requireKnown(input: CreateAccessibilityReportInput, { identity, unknown, ticket }: Ground): void {
  requireRecorded(unknown, id => (id === input.organizationId ? 'organizationId' : 'requesterId'))
  if (input.ticketId && (!ticket || !mayTouch(ticket, identity)))
    refuse('NOT_FOUND', 'There is no such ticket.', 'ticketId')
}

/** A28 to A32. */
export const createAccessibilityReport = action({
  name: 'createAccessibilityReport',
  description:
    'Reports that something cannot be used by everybody: where, with what, and what it keeps people from. What is unknown may be said so, and shows as missing.',
  input: CreateAccessibilityReportInput,

  on: accessibilityReport,
  prepare,

  allow: [...STAFF, Role.REQUESTER, 'tickets:write'],

  decide(_nothing, input, { read }): Draft<DeskEvents> {
    const owner = whose(input, read.identity)
    requireKnown(input, read)
    requireRoute(input.route)
    if (input.severity && isCustomer(read.identity))
      refuse('INVALID', 'How grave it is, support judges; say what it keeps you from.', 'severity')
    const { pageOrFeature, description, assistiveTechnology, browser, device } = input
    const blocks = [...new Set(input.blocks)]
    const ticketId = input.ticketId ?? null
    return {
      type: 'AccessibilityReportCreated',
      data: {
        ...owner,
        route: input.route ?? null,
        ticketId,
        blocks,
        severity: raised(input.severity ?? 'MEDIUM', blocks),
      },
      personal: { pageOrFeature, description, assistiveTechnology, browser, device },
      refs: [owner.organizationId, owner.requesterId, ticketId].filter(id => id !== null),
    }
  },

  emits: ['AccessibilityReportCreated'],
  returns: { report: AccessibilityReport },
})
