import { CommandError } from '../output.js'
import type { Api } from './api.js'
import type { Message, Opening, State, Transition } from './payloads.js'

/** A payload as the reference pages have it (D62 to D66). */
export type Reference = Record<string, unknown>

interface Found {
  id: string
  status: string
  reference: Reference
}

const ARGUMENT = (ticket: string): string => (ticket.startsWith('tkt_') ? 'id' : 'number')
const FOUND = 'id status reference'

/** A ticket by its number or id. @throws CommandError when it is not there */
async function find(api: Api, ticket: string, selection = FOUND): Promise<Found & Record<string, unknown>> {
  const by = ARGUMENT(ticket)
  const type = by === 'id' ? 'ID!' : 'String!'
  const data = await api.ask(`query ($of: ${type}) { ticket(${by}: $of) { ${selection} } }`, { of: ticket })
  if (!data.ticket) throw new CommandError(`NOT_FOUND: There is no ticket ${ticket}`)
  return data.ticket
}

interface At {
  at: string
  reference: Reference
}

/** Everything that was said, the last first, page after page. */
async function messagesOf(api: Api, id: string): Promise<At[]> {
  const all: At[] = []
  for (let after: string | null = null; ; ) {
    const { ticket } = await api.ask(
      `query ($id: ID!, $after: String) { ticket(id: $id) { messages(first: 100, after: $after) {
         nodes { createdAt reference } pageInfo { hasNextPage endCursor } } } }`,
      { id, after },
    )
    const { nodes, pageInfo } = ticket.messages
    for (const { createdAt, reference } of nodes) all.push({ at: createdAt, reference })
    if (!pageInfo.hasNextPage) return all
    after = pageInfo.endCursor
  }
}

/** The ticket; with `all` also what was said and where it stood, in their order. */
export async function show(api: Api, ticket: string, all: boolean): Promise<Reference[]> {
  const { id, reference, statusHistory } = await find(
    api,
    ticket,
    all ? `${FOUND} statusHistory { at reference }` : FOUND,
  )
  if (!all) return [reference]
  // What was said before what it did.
  const rest = [...(await messagesOf(api, id)).reverse(), ...(statusHistory as At[])]
  return [reference, ...rest.sort((a, b) => a.at.localeCompare(b.at)).map(one => one.reference)]
}

const isId = (text: string): boolean => /^[a-z]{3}_/.test(text)

/** The customer with this address. @throws CommandError when there is none, or more than one */
async function customerOf(api: Api, requester: string): Promise<string> {
  if (isId(requester)) return requester
  const { omnibox } = await api.ask(
    'query ($q: String!) { omnibox(query: $q, kinds: [USER], first: 2) { nodes { node { id } } } }',
    { q: requester },
  )
  const found: ({ id: string } | null)[] = omnibox.nodes.map(({ node }: { node: { id: string } }) => node)
  if (found.length === 1 && found[0]) return found[0].id
  const count = found.length ? 'more than one customer' : 'no customer'
  throw new CommandError(`UNKNOWN_REFERENCE (requester): ${requester} is ${count}; give an id (usr_…)`)
}

interface SiteFound {
  slug: string
  organization: { id: string } | null
}

/** Whose site has this slug. @throws CommandError when nobody's, or several have it */
async function accountOf(api: Api, site: string): Promise<string> {
  const { omnibox } = await api.ask(
    'query ($q: String!) { omnibox(query: $q, kinds: [SITE], first: 10) { nodes { node { id ... on Site { slug organization { id } } } } } }',
    { q: site },
  )
  const nodes: (SiteFound | null)[] = omnibox.nodes.map(({ node }: { node: SiteFound | null }) => node)
  const found = nodes.filter(node => node?.slug === site)
  if (found.length === 1 && found[0]?.organization) return found[0].organization.id
  const count = found.length ? 'a site of more than one account' : 'no site'
  throw new CommandError(`UNKNOWN_REFERENCE (site): ${site} is ${count}; give the account (org_…)`)
}

/** Opens a ticket on somebody's behalf, or about something; without either as whoever the token is. */
export async function open(api: Api, opening: Opening): Promise<Reference> {
  const { subject, body, category, about, site, requester, account, key } = opening
  const requesterId = requester ? await customerOf(api, requester) : undefined
  const organizationId = account ?? (requesterId && site ? await accountOf(api, site) : undefined)
  const { ticket } = await api.act(
    'openTicket',
    {
      subject,
      description: body,
      category,
      requesterId,
      organizationId,
      linkedEntityIds: about,
      ...(requesterId || organizationId ? { visibility: 'PUBLIC' } : {}),
      idempotencyKey: key,
    },
    `ticket { ${FOUND} }`,
    site ?? null,
  )
  return ticket.reference
}

/** Says something: what the customer reads, or what staff alone read; the payload's type says which. */
export async function tell(api: Api, { ticket_id, type, body, key }: Message): Promise<Reference> {
  const { id } = await find(api, ticket_id)
  const action = type === 'public-reply' ? 'replyToTicket' : 'addTicketNote'
  const input = { ticketId: id, body, idempotencyKey: key }
  const { message } = await api.act(action, input, 'message { reference }')
  return message.reference
}

/** `WAITING_ON_BUYER` as scripts write it. */
const word = (status: string): string => status.toLowerCase().replaceAll('_', '-')

/** The payload's `from` as a guard: OPEN and both WAITING states are `open` for scripts. */
function requireFrom(from: State | undefined, status: string): void {
  const now = word(status)
  if (!from || from === now || (from === 'open' && now.startsWith('waiting-'))) return
  throw new CommandError(`INVALID_STATE (from): It is ${now}, not ${from}`)
}

const said = (body: string | undefined, to: State): string => {
  if (body) return body
  throw new CommandError(`INVALID (body): ${to} takes a body, which the customer reads`)
}

/** The action that brings a ticket there, and its input. */
function wayTo({ to, body, reason, early }: Transition, status: string): [action: string, input: object] {
  if (to === 'resolved') return ['resolveTicket', { resolution: said(body, to), statusReason: reason }]
  if (to === 'closed') return ['closeTicket', { early }]
  if (to === 'open' && status === 'CLOSED') return ['reopenTicket', { body, reason }]
  if (to === 'open' && status === 'RESOLVED')
    return ['correctTicketStatus', { to: 'OPEN', reason: reason ?? 'NOT_RESOLVED' }]
  return ['setTicketStatus', { status: to.toUpperCase().replaceAll('-', '_'), statusReason: reason }]
}

/** Moves a ticket, and answers how it moved. */
export async function move(api: Api, transition: Transition): Promise<Reference> {
  const { id, status } = await find(api, transition.ticket_id)
  requireFrom(transition.from, status)
  const [action, input] = wayTo(transition, status)
  const { ticket } = await api.act(
    action,
    { ticketId: id, ...input, idempotencyKey: transition.key },
    'ticket { statusHistory { reference } }',
  )
  return ticket.statusHistory.at(-1).reference
}
