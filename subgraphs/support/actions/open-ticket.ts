import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { MessageKind, MessageVisibility, SupportEvents, TicketContext } from '#shared/events/support.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { MOST_FILES } from '#shared/file-kinds.js'
import type { Identity } from '#shared/identity.js'
import { requireRecorded, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { FILES_SENT, filesIn, requireFiles } from '../attachments/attachment-links.js'
import { isCustomer, onlyAccount } from '../audience.js'
import { TicketCategory, TicketChannel, TicketPriority } from '../enums.js'
import { isReport, MAX_LINKS } from '../links.js'
import { writtenBy } from '../messages.js'
import { captureContext } from '../open-context.js'
import { atLeast, type Routed, type Routes, readRoutes, route, typesOf } from '../routing/routing.js'
import { isAwaited, readPromise } from '../sla/sla-terms.js'
import { ticket } from '../ticket.js'
import { nextTicketNumber } from '../ticket-number.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage, MessageVisibility as Visibility } from '../views/ticket-message.js'

@InputType('OpenTicketInput', { description: 'What is the matter, and whose.' })
export class OpenTicketInput extends ActionInput {
  @text('What it is about, in a line.', { max: 200 })
  subject!: string

  @text('What is the matter: the first message. Plain text.', { max: 20_000, multiline: true })
  description!: string

  @given(
    'Organization',
    'The account it belongs to; its owners see the ticket, as soon as anything on it is PUBLIC. A customer with one account need not say. To open a case ABOUT an account that it shall not see, link it instead.',
    { nullable: true },
  )
  organizationId?: string | null

  @given(
    'User',
    'The customer on whose behalf it is opened, of the account if one is named. Named alone, it is for their only account, or for none when they have none. A customer opens only their own.',
    { nullable: true },
  )
  requesterId?: string | null

  @several(
    ID,
    `What it is about (orders, listings, users, …), at most ${MAX_LINKS}: staff need one of these, an account or a customer (E66).`,
    { nullable: true, max: MAX_LINKS },
  )
  linkedEntityIds?: string[] | null

  @oneOf(TicketCategory, 'What it is about.', { default: TicketCategory.REPLY_NEEDED })
  category?: keyof typeof TicketCategory

  @oneOf(TicketPriority, 'How soon it is due, NORMAL unless said otherwise; not for customers to say.', {
    nullable: true,
  })
  priority?: keyof typeof TicketPriority | null

  @oneOf(
    TicketChannel,
    'How it came: for customers DASHBOARD, for machines API, for staff INTERNAL, unless said otherwise.',
    { nullable: true },
  )
  channel?: keyof typeof TicketChannel | null

  @oneOf(
    Visibility,
    "Who reads the description. A customer's is PUBLIC. Staff say it where they open it for an account or a customer (C25); what they open for nobody is PRIVATE unless they say so. What is opened PRIVATE is shown to no customer, not even that it exists, until the first public word is said on it: a reply, the resolution, or this description made public.",
    { nullable: true },
  )
  visibility?: MessageVisibility | null

  @text('For a PROBLEM_REPORT: the listing, person or content that is reported, as they name it (C2).', {
    nullable: true,
    max: 200,
  })
  reported?: string | null

  @several(ID, FILES_SENT, { nullable: true, max: MOST_FILES })
  attachmentIds?: string[] | null
}

/** What opening rests on, besides the input. */
export interface Opening {
  identity: Identity
  number: string
  /** Named in the input, and never seen. */
  unknown: string[]
  /** Of the customer who asks, or for whom it is opened. */
  accounts: Account[]
  routes: Routes
  linkTypes: string[]
  /** What Opsgraph knows of who asks; null when it is nobody's. */
  context: TicketContext | null
  promise: SlaPromise
}

type Opened = SupportEvents['SupportCaseOpened']
type Whose = Pick<Opened, 'organizationId' | 'requesterId' | 'linkedEntityIds'>
type How = Pick<Opened, 'priority' | 'channel' | 'visibility' | 'kind'>

/** An account that somebody belongs to. */
interface Account {
  id: string
  /** They own it or have support access: they may open and read its tickets (D15). */
  opens: boolean
}

const accountsOf = (tx: EntityManager, userId: string | null | undefined): Promise<Account[]> =>
  tx.query(
    `select org_id as id, role = 'OWNER' or support_access as opens from access.membership where user_id = $1 order by org_id`,
    [userId ?? ''],
  )

/** Why a customer has no account to open a ticket for: D15. */
function refuseAccount(account: string | null, { orgIds }: Identity, accounts: readonly Account[]): never {
  const closed = accounts.find(({ id, opens }) => !opens && (account === null || id === account))
  if (closed && (account !== null || orgIds.length === 0))
    refuse(
      'MISSING_PERMISSION',
      'You belong to this account without support access, which opening and reading its tickets takes: its owner gives it.',
      'organizationId',
      { organizationId: closed.id, missing: 'SUPPORT_ACCESS', givenBy: ['OWNER'] },
    )
  if (account !== null) refuse('NOT_FOUND', 'This is not an account of yours.', 'organizationId')
  if (orgIds.length === 0) refuse('INVALID', 'You belong to no account.', 'organizationId')
  refuse('INVALID', 'Say which of your accounts it is for.', 'organizationId', { organizationIds: orgIds })
}

/** A customer's own account, and nothing else (D14, D15). */
function ofCustomer(
  { organizationId, requesterId, linkedEntityIds }: OpenTicketInput,
  identity: Identity,
  accounts: readonly Account[],
): Whose {
  const { personId, orgIds } = identity
  if (requesterId && requesterId !== personId)
    refuse('NOT_FOUND', 'You open tickets for yourself.', 'requesterId')
  if (linkedEntityIds?.length)
    refuse('INVALID', 'What a ticket is linked to is for staff to say; describe it.', 'linkedEntityIds')
  const account = organizationId ?? onlyAccount(identity)
  if (account === null || !orgIds.includes(account)) refuseAccount(account, identity, accounts)
  return { organizationId: account, requesterId: personId, linkedEntityIds: [] }
}

/** Whose account staff mean who name a customer and nothing else: the only one that they have. */
const presumed = (
  { organizationId, requesterId, linkedEntityIds }: OpenTicketInput,
  accounts: readonly Account[],
): string | null =>
  !organizationId && requesterId && !linkedEntityIds?.length && accounts.length === 1
    ? accounts[0]!.id
    : (organizationId ?? null)

/** X17: an account, a customer, or something that it is about; account and customer belong together. */
function onBehalf(input: OpenTicketInput, accounts: readonly Account[]): Whose {
  const { requesterId = null, linkedEntityIds } = input
  const links = [...new Set(linkedEntityIds ?? [])]
  const organizationId = presumed(input, accounts)
  const theirs = accounts.map(({ id }) => id)
  if (!organizationId && !requesterId && links.length === 0)
    refuse(
      'INVALID',
      'A ticket needs an account or a customer, or at least one entity that it is about.',
      'linkedEntityIds',
    )
  if (organizationId && requesterId && !theirs.includes(organizationId))
    refuse(
      'NOT_A_MEMBER',
      'This customer does not belong to this account, and would read its ticket: name an account of theirs, or link the other one.',
      'organizationId',
      { organizationId, requesterId, organizationIds: theirs },
    )
  if (!organizationId && links.length === 0 && theirs.length > 1)
    refuse('INVALID', `They have several accounts; say which of: ${theirs.join(', ')}.`, 'organizationId', {
      organizationIds: theirs,
    })
  return { organizationId, requesterId, linkedEntityIds: links }
}

/** C25: what is written for a customer has no default that could tell them, or keep from them, what was not meant so. */
function visibilityOf({ visibility }: OpenTicketInput, whose: Whose, machine: boolean): MessageVisibility {
  if (visibility) return visibility
  if (machine) return 'PUBLIC'
  if (whose.organizationId !== null || whose.requesterId !== null)
    refuse('INVALID', 'Say whether the customer reads the description: PUBLIC or PRIVATE.', 'visibility')
  return 'PRIVATE'
}

function howOf(input: OpenTicketInput, whose: Whose, identity: Identity): How {
  const { priority, channel, visibility } = input
  if (!isCustomer(identity)) {
    const machine = identity.kind === 'INTEGRATION'
    const open = visibilityOf(input, whose, machine)
    const kind: MessageKind = machine ? 'SYSTEM' : open === 'PUBLIC' ? 'STAFF_REPLY' : 'INTERNAL_NOTE'
    return {
      priority: priority ?? 'NORMAL',
      channel: channel ?? (machine ? 'API' : 'INTERNAL'),
      visibility: open,
      kind,
    }
  }
  if (priority)
    refuse(
      'INVALID',
      'How urgent it is, support decides; say in the description what hangs on it.',
      'priority',
    )
  if (visibility === 'PRIVATE') refuse('INVALID', 'What you write is for you and for support.', 'visibility')
  return { priority: 'NORMAL', channel: 'DASHBOARD', visibility: 'PUBLIC', kind: 'USER_MESSAGE' }
}

/** Where in the input an unknown id stands. */
const fieldOf = ({ organizationId, requesterId }: OpenTicketInput, id: string): string =>
  id === organizationId ? 'organizationId' : id === requesterId ? 'requesterId' : 'linkedEntityIds'

/** Whose context is to be kept: of a customer nothing but their own. */
function asking(input: OpenTicketInput, identity: Identity, accounts: readonly Account[]) {
  if (!isCustomer(identity))
    return { organizationId: presumed(input, accounts), requesterId: input.requesterId ?? null }
  const account = input.organizationId ?? onlyAccount(identity)
  return {
    organizationId: account !== null && identity.orgIds.includes(account) ? account : null,
    requesterId: identity.personId,
  }
}

async function prepare(
  input: OpenTicketInput,
  tx: EntityManager,
  { identity, services, site }: Caller,
): Promise<Opening> {
  await requireFiles({ attachmentIds: input.attachmentIds }, tx, identity)
  const now = services.clock()
  const links = isCustomer(identity) ? [] : (input.linkedEntityIds ?? [])
  const named = [input.organizationId, input.requesterId, ...links].filter(id => id != null)
  const accounts = await accountsOf(tx, isCustomer(identity) ? identity.personId : input.requesterId)
  const who = asking(input, identity, accounts)
  return {
    identity,
    unknown: isCustomer(identity) ? [] : await unknownIds(tx, named),
    accounts,
    routes: await readRoutes(tx),
    linkTypes: await typesOf(tx, links),
    context:
      who.organizationId === null && who.requesterId === null
        ? null
        : await captureContext(tx, { ...who, site, now }),
    promise: await readPromise(tx, who.organizationId, now),
    number: await nextTicketNumber(tx, now),
  }
}

/** C2, C13: what is reported is looked at before what is asked. */
const reportedOf = ({ reported, category }: OpenTicketInput): string | null => {
  if (reported && category !== 'PROBLEM_REPORT')
    refuse('INVALID', 'What is reported belongs to a PROBLEM_REPORT.', 'reported')
  return reported ?? null
}

/** What routing made of it, as the event keeps it. */
export const placed = ({ queueId, tags, safetySensitive, filterState, filteredBy, routing }: Routed) => ({
  queueId,
  tags,
  safetySensitive,
  filterState,
  filteredBy,
  routing,
})

/** A1, C2, C28, D16, D18, E13, E66, X17: a new ticket, with its number, its first message, its queue and what was known of who asks. */
export const openTicket = action({
  name: 'openTicket',
  description:
    'Opens a ticket: staff on behalf of a customer or about something, a customer for an account of theirs. Keeps what is known of account and customer, and finds it a queue.',
  input: OpenTicketInput,

  on: ticket,
  prepare,

  allow: [...STAFF, Role.REQUESTER, 'tickets:write'],

  decide(_nothing, input, { newId, read }) {
    const { identity, number, unknown, accounts, routes, linkTypes, context, promise } = read
    requireRecorded(unknown, id => fieldOf(input, id))
    const whose = isCustomer(identity) ? ofCustomer(input, identity, accounts) : onBehalf(input, accounts)
    const messageId = newId('msg')
    const category = input.category ?? 'REPLY_NEEDED'
    const how = howOf(input, whose, identity)
    const reportedId = reportedOf(input)
    const text = `${input.subject}\n${input.description}`
    const plan = context?.account?.planTier ?? null
    const routed = route(routes, { category, channel: how.channel, linkTypes, text, plan })
    const least = reportedId === null && !isReport(linkTypes) ? how.priority : atLeast(how.priority, 'HIGH')
    return {
      type: 'SupportCaseOpened',
      data: {
        number,
        category,
        ...whose,
        ...how,
        priority: atLeast(least, routed.priority),
        ...placed(routed),
        ...(isAwaited(whose, how.channel) ? { sla: promise } : {}),
        messageId,
        ...filesIn(input),
      },
      personal: {
        subject: input.subject,
        body: input.description,
        ...(context ? { context } : {}),
        ...(reportedId === null ? {} : { reportedId }),
      },
      refs: [
        messageId,
        whose.organizationId,
        whose.requesterId,
        ...whose.linkedEntityIds,
        routed.queueId,
        ...(input.attachmentIds ?? []),
      ].filter(id => id !== null),
    }
  },

  emits: ['SupportCaseOpened'],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
