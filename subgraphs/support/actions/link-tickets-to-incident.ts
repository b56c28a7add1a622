import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { given, oneOf, several } from '#shared/fields.js'
import { Loaders } from '#shared/loader.js'
import { refuse } from '#shared/refusal.js'
import { BulkTicketResult, OnError } from '../desk/bulk-result.js'
import {
  type IncidentState,
  incident,
  joined,
  joining,
  MAX_AT_ONCE,
  MAX_TICKETS,
  requireOngoing,
  unknownTickets,
} from '../desk/incident.js'
import { LEADS } from '../staff.js'
import { Incident } from '../views/incident.js'
import { Ticket } from '../views/ticket.js'

@InputType('LinkTicketsToIncidentInput', { description: 'Which tickets are about which incident.' })
export class LinkTicketsToIncidentInput extends ActionInput {
  @given('Incident', 'The incident.')
  incidentId!: string

  @several(ID, `The tickets, at most ${MAX_AT_ONCE} at once, and ${MAX_TICKETS} in all.`, {
    max: MAX_AT_ONCE,
  })
  ticketIds!: string[]

  @oneOf(OnError, 'What to do when one of them is not there; left out: link none, and be refused.', {
    nullable: true,
  })
  onError?: keyof typeof OnError | null
}

interface Ground {
  unknown: string[]
  tickets: ReadonlyMap<string, Ticket>
}

async function prepare(
  { ticketIds }: LinkTicketsToIncidentInput,
  tx: EntityManager,
  { identity }: Caller,
): Promise<Ground> {
  const rows = await new Loaders(tx, identity).many(Ticket, ticketIds)
  return {
    unknown: await unknownTickets(tx, ticketIds),
    tickets: new Map(rows.map(row => [row.id, row])),
  }
}

const outcomes = (
  state: IncidentState,
  { ticketIds, onError }: LinkTicketsToIncidentInput,
  { unknown }: Ground,
) => joining(state, ticketIds, { unknown, stop: onError === 'STOP' })

const NO_TICKET = {
  code: 'UNKNOWN_REFERENCE',
  message: 'There is no such ticket.',
  field: 'ticketIds',
  facts: null,
}

/** A22. Those that are part of it already stay so. */
export const linkTicketsToIncident = action({
  name: 'linkTicketsToIncident',
  description:
    'Says that tickets are about an incident: what customers are told of it, they are told from now on. Says what became of each.',
  input: LinkTicketsToIncidentInput,

  on: incident,
  target: input => input.incidentId,
  prepare,

  allow: LEADS,

  decide(state, input, { read }) {
    requireOngoing(state)
    const { ticketIds, onError } = input
    const { unknown } = read
    if (ticketIds.length === 0) refuse('INVALID', 'Say which tickets.', 'ticketIds')
    if (unknown.length && !onError)
      refuse('UNKNOWN_REFERENCE', `${unknown[0]} is no ticket.`, 'ticketIds', { unknown })
    const done = outcomes(state, input, read).filter(({ outcome }) => outcome === 'DONE')
    return joined(
      state,
      done.map(({ ticketId }) => ticketId),
    )
  },

  emits: ['IncidentUpdated'],
  returns: {
    incident: Incident,
    results: {
      each: BulkTicketResult,
      description: 'What became of each ticket, in the order in which they were given.',
      of: (state, input, { read }): BulkTicketResult[] =>
        outcomes(state, input, read).map(({ ticketId, outcome }) => ({
          ticketId,
          outcome,
          ticket: read.tickets.get(ticketId) ?? null,
          userErrors: outcome === 'REFUSED' ? [NO_TICKET] : [],
        })),
    },
  },
})
