import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import { entity, json, oneOf, several, text } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { mailboxesOf, TICKET_READERS } from '../audience.js'
import { notification } from '../notifications/notification.js'
import { REMOVED } from '../removed.js'

export const NotificationChannel = states('NotificationChannel', 'The way by which somebody is told.', {
  IN_APP: 'Where they work, when they look.',
})

/** Whether it was sent to this person, or to an account of theirs. */
export const isFor = ({ recipientId }: { recipientId: string | null }, identity: Identity): boolean =>
  recipientId !== null && mailboxesOf(identity).includes(recipientId)

@entity('Notification', {
  description:
    'Something that somebody is told. It is there to be read in the app, and by mail as far as they want that. What is sent to an organization reaches its owners, and operators with support access (D15, D27).',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'ntf',
  requester: identity => ({ where: 'recipient_id = any($1)', values: [mailboxesOf(identity)] }),
})
export class Notification extends Row {
  @text('Whom it is for, a person or an organization: open with node(id).', { links: true })
  recipientId!: string

  @oneOf(NotificationChannel, 'How they are told.')
  channel!: keyof typeof NotificationChannel

  @text('What kind of news it is, e.g. REFUND_ISSUED.')
  template!: string

  @text('What it says, in a line.')
  title!: string

  @text('What it says: plain text.')
  body!: string

  @several(ID, 'What it is about: open them with nodes(ids).', { links: true })
  aboutIds!: string[]

  @text('The workflow that asked for it, if one did: open with node(id).', { nullable: true, links: true })
  workflowId!: string | null

  @json('Who read it when: by person, ISO 8601.', { hidden: true })
  reads!: Record<string, string>
}

export const notifications = view(Notification, {
  of: notification,
  on: {
    NotificationSent: ({ data: { recipientId, channel, template, about, workflowId, title, body } }) => ({
      recipientId,
      channel,
      template,
      title: title ?? REMOVED,
      body: body ?? REMOVED,
      aboutIds: about,
      workflowId,
      reads: {},
    }),
    NotificationRead: ({ actor, occurredAt }, row) => ({
      reads: { ...row?.reads, [actor.id]: occurredAt.toISOString() },
    }),
  },
})
