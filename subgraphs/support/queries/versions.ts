import { Ctx, FieldResolver, Int, Root } from 'type-graphql'
import { isOutside } from '#shared/aggregate.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { resolverClass } from '#shared/resolver.js'
import { DateTime } from '#shared/scalars.js'
import { Attachment } from '../views/attachment.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

const DESCRIPTION =
  'How many events shaped it; give it as `expectedVersion` to act on exactly this state. For customers, those alone that they may know of.'

/** C15: a version that also counts notes would tell a customer that there are notes. */
const versionOf = (type: Class): Class =>
  resolverClass(
    [
      {
        name: 'version',
        run: async (
          { version, customerVersion }: { version: number; customerVersion: number },
          { identity }: Context,
        ) => (isOutside(identity) ? customerVersion : version),
        parameters: [Root(), Ctx()],
        decorators: [FieldResolver(() => Int, { description: DESCRIPTION })],
      },
    ],
    type,
  )

/** When it last changed, as far as a customer sees: what staff did with a file (took it, held it) left no trace in these. */
const attachmentUpdatedAt = resolverClass(
  [
    {
      name: 'updatedAt',
      run: async ({ updatedAt, createdAt, addedAt, goneAt }: Attachment, { identity }: Context) =>
        isOutside(identity) ? (goneAt ?? addedAt ?? createdAt) : updatedAt,
      parameters: [Root(), Ctx()],
      decorators: [
        FieldResolver(() => DateTime, {
          description:
            'When it last changed (UTC): for customers, when something happened that they may know of.',
        }),
      ],
    },
  ],
  Attachment,
)

/** A value of a message, and what it is for customers: what became of it before they could read it is none of their business. */
const messageField = <T>(
  name: keyof TicketMessage,
  type: () => typeof Int | typeof DateTime,
  description: string,
  forCustomers: (message: TicketMessage) => T,
): Class =>
  resolverClass(
    [
      {
        name,
        run: async (message: TicketMessage, { identity }: Context) =>
          isOutside(identity) ? forCustomers(message) : message[name],
        parameters: [Root(), Ctx()],
        decorators: [FieldResolver(type, { description, nullable: name === 'editedAt' })],
      },
    ],
    TicketMessage,
  )

/** When it was edited while customers could read it. */
const editedAtShown = ({ editedAt, publicSince }: TicketMessage): Date | null =>
  editedAt && publicSince && editedAt > publicSince ? editedAt : null

const messageFields: Class[] = [
  messageField(
    'revision',
    () => Int,
    'How often it was written; 1 unless it was edited. For customers, since they can read it.',
    ({ revision, shownRevision }) => revision - (shownRevision ?? 1) + 1,
  ),
  messageField(
    'editedAt',
    () => DateTime,
    'When it was edited last (UTC); for customers, since they can read it.',
    editedAtShown,
  ),
  messageField(
    'createdAt',
    () => DateTime,
    'When it was written (UTC); for customers, since when they can read it.',
    ({ createdAt, publicSince }) => publicSince ?? createdAt,
  ),
  messageField(
    'updatedAt',
    () => DateTime,
    'When it last changed (UTC); for customers, while they can read it.',
    message => editedAtShown(message) ?? message.publicSince ?? message.updatedAt,
  ),
]

/** What customers may count, of what they read. */
export const versionFields: Class[] = [
  versionOf(Ticket),
  versionOf(TicketMessage),
  versionOf(Attachment),
  attachmentUpdatedAt,
  ...messageFields,
]
