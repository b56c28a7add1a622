import type { ActionInput } from '#shared/action-input.js'
import { DEMO_CUSTOMERS } from '#shared/demo-people.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import type { Performer } from '#shared/outcome.js'
import { perform } from '#shared/perform.js'
import { Role } from '#shared/roles.js'
import { createContext, type Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import {
  DEMO_ORGANIZATION_ID,
  DEMO_PEOPLE,
  DEMO_SECOND_ORGANIZATION_ID,
} from '#subgraphs/accounts/bootstrap.js'

const HOUR = 3_600_000

type Who = 'rico' | 'juno' | 'sam' | 'lea'
type Input = Record<string, unknown>

/** Something that somebody did, so many hours ago. */
interface Step {
  ago: number
  who: Who
  action: string
  /** Which ticket of the story. */
  on: string
  input: Input
}

const opens = (ago: number, who: Who, on: string, input: Input): Step => ({
  ago,
  who,
  action: 'openTicket',
  on,
  input,
})
const does = (ago: number, who: Who, on: string, action: string, input: Input = {}): Step => ({
  ago,
  who,
  action,
  on,
  input,
})

/** Tickets of two accounts as a desk knows them: overdue, answered, waiting, put aside, resolved, closed, reported, opened by staff. */
const STORY = (now: number): Step[] => [
  opens(150, 'rico', 'payout', {
    subject: 'The payout of last week is missing',
    description: 'It was due on Tuesday. The balance says that it was paid out, and my bank knows nothing.',
    category: 'BILLING',
  }),
  opens(120, 'rico', 'members', {
    subject: 'How do I add a colleague?',
    description: 'She shall answer tickets and see orders, but no payouts.',
    category: 'ACCOUNT_HELP',
  }),
  does(118, 'lea', 'members', 'assignTicketToMe'),
  does(117, 'lea', 'members', 'resolveTicket', {
    resolution: 'Under Members, add her as OPERATOR and tick support access. Payouts stay with owners.',
    statusReason: 'ANSWERED',
  }),
  does(112, 'rico', 'members', 'closeTicket'),
  opens(52, 'rico', 'broken', {
    subject: 'A lamp arrived in pieces',
    description: 'My buyer wants another one or the money back. The parcel was wet.',
    category: 'CLAIM',
  }),
  does(50, 'sam', 'broken', 'assignTicketToMe'),
  does(49, 'sam', 'broken', 'replyToTicket', {
    body: 'I am sorry for that. Could your buyer send us a picture of parcel and lamp?',
  }),
  does(49, 'sam', 'broken', 'addTicketNote', {
    body: 'Third wet parcel from this depot in a week; ask the carrier.',
  }),
  does(49, 'sam', 'broken', 'setTicketStatus', {
    status: 'WAITING_ON_BUYER',
    statusReason: 'EVIDENCE_REQUESTED',
  }),
  opens(30, 'juno', 'reader', {
    subject: 'My screen reader skips the list of orders',
    description: 'NVDA with Firefox reads the heading, then the footer.',
    category: 'ACCESSIBILITY',
  }),
  does(29, 'lea', 'reader', 'addTicketNote', { body: 'Reproduced. The list has no role any more.' }),
  does(28, 'lea', 'reader', 'replyToTicket', {
    body: 'Thank you, we see the same here and look into it. Until then the export under Orders has all of them.',
  }),
  opens(27, 'juno', 'copied', {
    subject: 'Another seller uses my photographs',
    description: 'All six pictures of my blue bowl, and half of the text.',
    category: 'PROBLEM_REPORT',
    reported: 'Listing “Blue bowl, handmade”',
  }),
  opens(26, 'rico', 'invoice', {
    subject: 'The address on my invoices',
    description: 'We move next month. From when on will invoices have the new address?',
    category: 'BILLING',
  }),
  does(25, 'sam', 'invoice', 'assignTicketToMe'),
  does(25, 'sam', 'invoice', 'replyToTicket', {
    body: 'From the first invoice after you change it; I look again when you moved.',
  }),
  does(25, 'sam', 'invoice', 'snoozeTicket', { until: new Date(now + 72 * HOUR) }),
  opens(22, 'juno', 'label', {
    subject: 'A label was charged twice',
    description: 'Two charges of the same amount for one parcel.',
    category: 'BILLING',
  }),
  does(21, 'sam', 'label', 'resolveTicket', {
    resolution: 'The second charge was given back this morning; it is on your next statement.',
    statusReason: 'REFUNDED',
  }),
  opens(5, 'sam', 'called', {
    subject: 'Called about a chargeback',
    description: 'Juno asks what evidence helps with a chargeback that came in today.',
    requesterId: DEMO_CUSTOMERS.juno,
    category: 'REPLY_NEEDED',
    visibility: 'PUBLIC',
  }),
  opens(2, 'juno', 'locked', {
    subject: 'Locked out since this morning',
    description: 'The page says that my code is wrong. We have forty parcels to send today.',
    category: 'ACCOUNT_HELP',
  }),
  does(1, 'lea', 'locked', 'setTicketPriority', { priority: 'URGENT' }),
]

const customer = (personId: string, name: string, organizationId: string): Identity => ({
  ...ANONYMOUS,
  kind: 'REQUESTER',
  personId,
  name,
  roles: [Role.REQUESTER],
  orgIds: [organizationId],
})

function colleague(first: string): Identity {
  const found = DEMO_PEOPLE.find(({ id }) => id === `stf_${first}`)
  if (found?.kind !== 'STAFF') throw new Error(`There is no ${first} among the demo people`)
  return { ...ANONYMOUS, kind: 'STAFF', personId: found.id, name: found.name, roles: found.roles }
}

const people = (): Record<Who, Identity> => ({
  rico: customer(DEMO_CUSTOMERS.rico, 'Rico Vance', DEMO_ORGANIZATION_ID),
  juno: customer(DEMO_CUSTOMERS.juno, 'Juno Park', DEMO_SECOND_ORGANIZATION_ID),
  sam: colleague('sam'),
  lea: colleague('lea'),
})

interface Doing {
  performer: Performer
  input: ActionInput
  who: Identity
  at: Date
  requestId: string
  /** Which ticket of the story. */
  on: string
}

/** Does a step as somebody who signed in just then. @returns the id of its ticket */
async function did(services: Services, { performer, input, who, at, requestId, on }: Doing): Promise<string> {
  const then = { ...services, clock: () => at, wall: () => at }
  const identity = { ...who, authenticatedAt: at.getTime() / 1000 }
  const { userErrors, targetId } = await perform(performer, input, createContext(then, identity, requestId))
  const [error] = userErrors
  if (error) throw new Error(`The demo's ${performer.action.name} on "${on}" was refused: ${error.message}`)
  return targetId!
}

/** Tells the story of the demo's tickets by the actions that people have, each at its time. */
export async function loadDemoTickets(services: Services, subgraphs: readonly Subgraph[]): Promise<number> {
  // A process that only furnishes did not start yet, so there are no queues.
  for (const { begin } of subgraphs) await begin?.(services)
  const who = people()
  const performers = new Map(
    subgraphs.flatMap(({ performers: all }) => all).map(one => [one.action.name, one] as const),
  )
  const now = services.clock().getTime()
  const ids = new Map<string, string>()
  for (const [n, step] of STORY(now).entries()) {
    const ticketId = ids.get(step.on)
    const input = { ...(ticketId ? { ticketId } : {}), ...step.input } as ActionInput
    const at = new Date(now - step.ago * HOUR + n * 1000)
    const performer = performers.get(step.action)!
    const doing = { performer, input, who: who[step.who], at, requestId: `demo-ticket-${n}`, on: step.on }
    ids.set(step.on, await did(services, doing))
  }
  return ids.size
}
