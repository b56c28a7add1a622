import { Extensions, Field, Int, ObjectType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { Returned } from '#shared/action.js'
import type { EventDraft } from '#shared/event.js'
import { oneOf } from '#shared/fields.js'
import { DateTime } from '#shared/scalars.js'
import { TicketCategory, TicketStatus } from '../enums.js'
import { writtenBy } from '../messages.js'
import { publicNames } from '../names.js'
import { ExpectedReply, expectedReplyOf } from '../sla/expected-reply.js'
import { MessageKind } from './ticket-message.js'

@ObjectType('AnonymousTicketMessage', { description: 'Something that was said, as a stranger reads it.' })
@Extensions({ value: true })
export class AnonymousTicketMessage {
  @oneOf(MessageKind, 'What it is.')
  kind!: string

  @Field(() => String, { description: 'What was said: plain text.' })
  body!: string

  @Field(() => String, { nullable: true, description: 'Who said it; null: whoever opened the ticket.' })
  authorName!: string | null

  @Field(() => DateTime, { description: 'When (UTC).' })
  at!: Date
}

@ObjectType('AnonymousTicket', {
  description: 'The public side of a ticket that was opened without signing in.',
})
@Extensions({ value: true })
export class AnonymousTicket {
  @Field(() => String, { description: 'Its number.' })
  number!: string

  @Field(() => String, { description: 'What it is about.' })
  subject!: string

  @oneOf(TicketStatus, 'Where it stands.')
  status!: string

  @oneOf(TicketCategory, 'What it is about.')
  category!: string

  @Field(() => Int, { description: 'How many events it had that its sender may know of.' })
  version!: number

  @Field(() => DateTime, { description: 'When it was opened (UTC).' })
  createdAt!: Date

  @Field(() => DateTime, { description: 'When something last happened that its sender may know of (UTC).' })
  updatedAt!: Date

  @Field(() => DateTime, { nullable: true, description: 'When it closes by itself (UTC).' })
  closesAt!: Date | null

  @Field(() => DateTime, { nullable: true, description: 'When it was closed (UTC); null while it is not.' })
  closedAt!: Date | null

  @Field(() => ExpectedReply, {
    nullable: true,
    description: 'By when staff first reply; null when they did, or wait for whoever opened it.',
  })
  expectedReply!: ExpectedReply | null

  @Field(() => [AnonymousTicketMessage], { description: 'What was said, newest first.' })
  messages!: AnonymousTicketMessage[]
}

type Timers = Parameters<typeof expectedReplyOf>[0]

interface Said {
  kind: string
  body: string
  authorId: string | null
  at: Date
}

async function asTheyRead(db: EntityManager, said: readonly Said[]): Promise<AnonymousTicketMessage[]> {
  const names = await publicNames(
    db,
    said.map(({ authorId }) => authorId ?? ''),
  )
  return said.map(({ kind, body, at }, i) =>
    Object.assign(new AnonymousTicketMessage(), { kind, body, at, authorName: names[i] }),
  )
}

const SAID = `select kind, body, author_id as "authorId", public_since as at from support.ticket_message where visibility = 'PUBLIC'`

/** One public message, as a stranger reads it; null when there is none. */
async function anonymousMessage(db: EntityManager, id: string): Promise<AnonymousTicketMessage | null> {
  const [message] = await asTheyRead(db, await db.query(`${SAID} and id = $1`, [id]))
  return message ?? null
}

/** The public side of a stranger's ticket with its last messages; null when there is none, or another token opens it by now. */
export async function anonymousTicket(
  db: EntityManager,
  { ticketId, round, first }: { ticketId: string; round?: number; first: number },
): Promise<AnonymousTicket | null> {
  const [row]: (Timers & Record<string, unknown>)[] = await db.query(
    `select number, subject, status, category, customer_version as version, created_at as "createdAt", touched_at as "updatedAt",
       closes_at as "closesAt", closed_at as "closedAt", sla_cycles as "slaCycles", sla_shown as "slaShown"
     from support.ticket where id = $1 and access_round = coalesce($2, access_round) and is_unverified`,
    [ticketId, round ?? null],
  )
  if (!row) return null
  const { slaCycles, slaShown, ...ticket } = row
  const said: Said[] = await db.query(
    `${SAID} and ticket_id = $1 order by public_since desc, id desc limit $2`,
    [ticketId, first],
  )
  const expectedReply = expectedReplyOf({ slaCycles, slaShown })
  const messages = await asTheyRead(db, said)
  return Object.assign(new AnonymousTicket(), ticket, { expectedReply, messages })
}

/** How many messages an answer brings along. */
const SHOWN = 20

/** What an action of a stranger answers: their ticket, and what they said, as they read it. */
export const STRANGERS_SIDE = {
  ticket: {
    type: AnonymousTicket,
    read: (tx: EntityManager, ticketId: string) => anonymousTicket(tx, { ticketId, first: SHOWN }),
  },
  message: {
    type: AnonymousTicketMessage,
    read: async (tx: EntityManager, _ticketId: string, happened: readonly EventDraft[]) => {
      const id = writtenBy(happened)
      return id ? anonymousMessage(tx, id) : null
    },
  },
} satisfies Record<string, Returned>
