import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { SupportEvents } from '#shared/events/support.js'
import { given, oneOf } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { isCustomer, mayTouch } from '../audience.js'
import { EarlyClose } from '../enums.js'
import { isLead, LEADS, WORKERS } from '../staff.js'
import { SILENCE_HOURS } from '../status.js'
import { requireOpen, requireTicket, type TicketState, ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'

@InputType('CloseTicketInput', { description: 'Which ticket to close.' })
export class CloseTicketInput extends ActionInput {
  @given('Ticket', 'The ticket; it has to be RESOLVED, unless whoever asked takes it back.')
  ticketId!: string

  @oneOf(
    EarlyClose,
    `Why it is closed before the customer confirmed or kept silent for ${SILENCE_HOURS} hours: for leads.`,
    { nullable: true },
  )
  early?: keyof typeof EarlyClose | null
}

/** @throws Refusal CLOSE_TOO_EARLY unless silence lasted long enough, or a lead says why not to wait for it */
function byStaff(
  { closesAt, followUpNeeded }: TicketState,
  early: CloseTicketInput['early'],
  now: Date,
  lead: boolean,
): void {
  const orNow = lead ? ' You close it now with `early`, which says why.' : ''
  if (followUpNeeded && !early)
    refuse('CLOSE_TOO_EARLY', `Something is left to do: clear followUpNeeded first.${orNow}`, 'ticketId', {
      until: null,
      followUpNeeded,
      earlyBy: LEADS,
    })
  if (early || (closesAt && new Date(closesAt) <= now)) return
  refuse(
    'CLOSE_TOO_EARLY',
    `The customer has not confirmed it, and has time to object until ${new Date(closesAt!).toISOString()}.${orNow}`,
    'ticketId',
    { until: closesAt, earlyBy: LEADS },
  )
}

/** The customer says that it is over. @throws Refusal INVALID_STATE for what is not resolved */
export function confirmed({ status }: TicketState): Draft<SupportEvents> {
  if (status !== 'RESOLVED')
    refuse('INVALID_STATE', 'There is nothing to confirm yet: we are still on it.', 'ticketId', { status })
  return { type: 'SupportCaseClosed', data: { by: 'REQUESTER_CONFIRMED', from: status } }
}

/** Whoever asked takes back what is not resolved yet. */
export const withdrawn = ({ status }: TicketState): Draft<SupportEvents> => ({
  type: 'SupportCaseClosed',
  data: { by: 'WITHDRAWN', from: status! },
})

/** D47 to D49, X3: by the customer, who confirms; by staff after 48 hours of silence; by a lead at once, who says why. */
export const closeTicket = action({
  name: 'closeTicket',
  description: `Closes a resolved ticket: the customer to confirm it, staff when the customer kept silent for ${SILENCE_HOURS} hours. Whoever asked withdraws what is not resolved yet.`,
  input: CloseTicketInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: async (_input, _tx, { identity }): Promise<Identity> => identity,

  allow: [...WORKERS, Role.REQUESTER],

  decide(state, { early }, { now, actorRoles, read: identity }): Draft<SupportEvents> {
    requireTicket(state, mayTouch(state, identity))
    requireOpen(state)
    const { status } = state
    const customer = isCustomer(identity)
    const withdraws = customer && status !== 'RESOLVED' && state.requesterId === identity.personId
    if (status !== 'RESOLVED' && !withdraws)
      refuse(
        'INVALID_STATE',
        customer
          ? 'There is nothing to confirm yet: we are still on it. Whoever asked may withdraw it.'
          : 'Only what is resolved is closed: resolveTicket comes first.',
        'ticketId',
        { status },
      )
    if (early && (customer || !isLead(actorRoles)))
      refuse('MISSING_PERMISSION', `Closing early is for ${LEADS.join(' and ')}.`, 'early', {
        roles: LEADS,
        until: state.closesAt,
      })
    if (withdraws) return withdrawn(state)
    if (customer) return confirmed(state)
    byStaff(state, early, now, isLead(actorRoles))
    return { type: 'SupportCaseClosed', data: { by: 'STAFF', from: 'RESOLVED', early: early ?? null } }
  },

  emits: ['SupportCaseClosed'],
  returns: { ticket: Ticket },
})
