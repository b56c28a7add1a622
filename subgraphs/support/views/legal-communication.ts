import { Row } from '#shared/entity.js'
import type { LegalCommunicationKind as Kind } from '#shared/events/desk.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { view } from '#shared/view.js'
import { LegalCommunicationKind } from '../desk/desk-enums.js'
import { LEGAL_READERS, legalCommunication } from '../desk/legal-communication.js'
import { StaffMember } from '../stubs.js'
import { Ticket } from './ticket.js'

@entity('LegalCommunication', {
  description: 'What somebody wrote to us in a legal matter (A17).',
  allow: LEGAL_READERS,
  schema: 'support',
  prefix: 'lgc',
})
export class LegalCommunication extends Row {
  @oneOf(LegalCommunicationKind, 'What it is.')
  kind!: Kind

  @several(String, 'Who is involved.')
  parties!: string[]

  @text('What it says, in short.', { nullable: true, multiline: true })
  summary!: string | null

  @instant('When it came (UTC).')
  receivedAt!: Date

  @instant('By when something has to be done (UTC).', { nullable: true })
  dueAt!: Date | null

  @several(String, 'Ids of the documents: open them with nodes(ids).', { links: true })
  documentIds!: string[]

  @ref(() => Ticket, 'The ticket that it is about.', { nullable: true })
  ticketId!: string | null

  @ref(() => StaffMember, 'Who wrote it down.', { as: 'recordedBy' })
  recordedById!: string
}

export const legalCommunications = view(LegalCommunication, {
  of: legalCommunication,
  on: {
    LegalCommunicationRecorded: ({ data, actor }) => ({
      ...data,
      parties: data.parties ?? [],
      summary: data.summary ?? null,
      receivedAt: data.receivedAt as unknown as Date,
      dueAt: data.dueAt as unknown as Date,
      recordedById: actor.id,
    }),
  },
})
