import { describe, expect, test } from '@jest/globals'
import type { Action, Facts } from '#shared/action.js'
import { replay } from '#shared/aggregate.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import { Refusal } from '#shared/refusal.js'
import { addTicketNote } from '#subgraphs/support/actions/add-ticket-note.js'
import { assignTicketToMe } from '#subgraphs/support/actions/assign-ticket-to-me.js'
import { replyToTicket } from '#subgraphs/support/actions/reply-to-ticket.js'
import { ticket } from '#subgraphs/support/ticket.js'
import { readTicketNumber, ticketNumber } from '#subgraphs/support/ticket-number.js'

const sam: Identity = { ...ANONYMOUS, kind: 'STAFF', personId: 'stf_sam' }
const at = { occurredAt: new Date('2026-04-22T14:03:00Z'), stream: { type: 'Ticket', id: 'tkt_1' } }
const actor = { kind: 'STAFF', id: 'stf_sam', roles: [], tokenId: null } as const
const opened = {
  type: 'SupportCaseOpened',
  data: { organizationId: 'org_a', requesterId: 'usr_o' },
  actor,
  ...at,
}
const closed = { type: 'SupportCaseClosed', data: { by: 'STAFF' }, actor, ...at }

const facts: Facts = {
  targetId: 'tkt_1',
  now: new Date(),
  actorId: 'stf_sam',
  actorRoles: [],
  may: () => true,
  approvalId: null,
  newId: prefix => `${prefix}_new`,
  read: sam,
}

function refusalOf(action: Action, history: (typeof opened | typeof closed)[]): string | null {
  try {
    action.decide(replay(ticket, history), { ticketId: 'tkt_1', body: 'x' }, facts)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

describe('a closed ticket', () => {
  test('takes no reply and nobody takes it, but staff may still note something', () => {
    expect(refusalOf(replyToTicket, [opened, closed])).toBe('INVALID_STATE')
    expect(refusalOf(assignTicketToMe, [opened, closed])).toBe('INVALID_STATE')
    expect(refusalOf(addTicketNote, [opened, closed])).toBeNull()
  })
})

describe('a ticket that is not there', () => {
  test('is told as such by every action', () => {
    for (const action of [replyToTicket, assignTicketToMe, addTicketNote])
      expect(refusalOf(action, [])).toBe('NOT_FOUND')
  })
})

describe('ticket numbers', () => {
  test('have five digits, and more when five are used up', () => {
    expect(ticketNumber(2026, 4881)).toBe('TKT-2026-04881')
    expect(ticketNumber(2026, 123_456)).toBe('TKT-2026-123456')
  })
  test.each(['TKT-2026-04881', ' tkt-2026-4881 ', 'TKT 2026 04881', 'tkt_2026_04881', '2026-04881'])(
    '"%s" is read',
    text => {
      expect(readTicketNumber(text)).toBe('TKT-2026-04881')
    },
  )
  test.each(['', '4881', 'TKT-26-1', 'ord_1'])('"%s" is none', text => {
    expect(readTicketNumber(text)).toBeNull()
  })
})
