import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, instant, oneOf, several, text } from '#shared/fields.js'
import { requireRecorded, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { LegalCommunicationKind } from '../desk/desk-enums.js'
import { unknownTickets } from '../desk/incident.js'
import { legalCommunication } from '../desk/legal-communication.js'
import { LEADS } from '../staff.js'
import { LegalCommunication } from '../views/legal-communication.js'

@InputType('RecordLegalCommunicationInput', { description: 'What somebody wrote to us in a legal matter.' })
export class RecordLegalCommunicationInput extends ActionInput {
  @oneOf(LegalCommunicationKind, 'What it is.')
  kind!: keyof typeof LegalCommunicationKind

  @several(String, 'Who is involved, by name; at least one.', { max: 20 })
  parties!: string[]

  @text('What it says, in short.', { nullable: true, max: 20_000, multiline: true })
  summary?: string | null

  @instant('When it came (UTC); not ahead of us.')
  receivedAt!: Date

  @instant('By when something has to be done (UTC); not before it came.', { nullable: true })
  dueAt?: Date | null

  @several(ID, 'Ids of the documents: attachments, evidence.', { nullable: true, max: 50 })
  documentIds?: string[] | null

  @given('Ticket', 'The ticket that it is about.', { nullable: true })
  ticketId?: string | null
}

interface Ground {
  unknown: string[]
  isTicket: boolean
}

const prepare = async (
  { documentIds, ticketId }: RecordLegalCommunicationInput,
  tx: EntityManager,
): Promise<Ground> => ({
  unknown: await unknownIds(tx, documentIds ?? []),
  isTicket: !ticketId || (await unknownTickets(tx, [ticketId])).length === 0,
})

const NAME = /^[^\p{C}]{1,200}$/u

function partiesOf(given: readonly string[]): string[] {
  const parties = [...new Set(given.map(name => name.normalize('NFKC').trim()))]
  const bad = parties.findIndex(name => !NAME.test(name))
  if (bad >= 0) refuse('INVALID', 'A party has a name of 1 to 200 characters.', `parties.${bad}`)
  if (parties.length === 0) refuse('INVALID', 'Say who is involved.', 'parties')
  return parties
}

function requireDates({ receivedAt, dueAt }: RecordLegalCommunicationInput, now: Date): void {
  if (receivedAt > now)
    refuse('INVALID', 'It cannot have come yet.', 'receivedAt', { now: now.toISOString() })
  if (dueAt && dueAt < receivedAt) refuse('INVALID', 'Nothing is due before it came.', 'dueAt')
}

/** A17. */
export const recordLegalCommunication = action({
  name: 'recordLegalCommunication',
  description: 'Writes down that somebody wrote to us in a legal matter: a notice, a request, a subpoena.',
  input: RecordLegalCommunicationInput,

  on: legalCommunication,
  prepare,

  allow: LEADS,

  decide(_nothing, input, { now, read: { unknown, isTicket } }): Draft<DeskEvents> {
    const { kind, receivedAt, dueAt = null, summary = null, ticketId = null } = input
    const parties = partiesOf(input.parties)
    requireDates(input, now)
    if (!isTicket) refuse('UNKNOWN_REFERENCE', 'There is no such ticket.', 'ticketId')
    requireRecorded(unknown, () => 'documentIds')
    const documentIds = [...new Set(input.documentIds ?? [])]
    return {
      type: 'LegalCommunicationRecorded',
      data: {
        kind,
        receivedAt: receivedAt.toISOString(),
        dueAt: dueAt?.toISOString() ?? null,
        documentIds,
        ticketId,
      },
      personal: { parties, ...(summary ? { summary } : {}) },
      refs: documentIds,
    }
  },

  emits: ['LegalCommunicationRecorded'],
  returns: { legalCommunication: LegalCommunication },
})
