import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { NotificationEvents } from '#shared/events/notifications.js'
import { given, several, text } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { notification } from '../notifications/notification.js'
import { Notification } from '../views/notification.js'

/** Those who can be told something: customers, staff, and the members of an account. */
const RECIPIENTS: readonly string[] = ['usr', 'stf', 'org']

@InputType('SendNotificationInput', { description: 'Whom to tell what.' })
export class SendNotificationInput extends ActionInput {
  @given('Node', 'Whom to tell: a user, somebody of staff, or an organization.')
  recipientId!: string

  @given('Notification', 'The id that it has whenever it is asked for; left out: a new one.', {
    nullable: true,
  })
  notificationId?: string | null

  @text('What kind of news it is, e.g. REFUND_ISSUED.', { max: 60 })
  template!: string

  @text('What to say, in a line.', { max: 200 })
  title!: string

  @text('What to say: plain text.', { max: 5000, multiline: true })
  body!: string

  @several(ID, 'What it is about.', { max: 50 })
  about!: string[]

  @given('Workflow', 'The workflow that asked for it, if one did.', { nullable: true })
  workflowId?: string | null
}

/** D27, E69, E73: tells somebody something, in the app. */
export const sendNotification = action({
  name: 'sendNotification',
  description: 'Tells somebody something in the app; not by mail yet. For Opsgraph itself.',
  input: SendNotificationInput,

  on: notification,
  // Left out, the kernel gives it one.
  target: input => input.notificationId as string,

  allow: [Role.SYSTEM],

  decide(
    { recipientId: told },
    { recipientId, template, title, body, about, workflowId = null },
  ): Draft<NotificationEvents>[] {
    if (told !== null) return []
    if (!RECIPIENTS.includes(prefixOf(recipientId)))
      refuse('INVALID', 'Only people and organizations can be told something.', 'recipientId')
    return [
      {
        type: 'NotificationSent',
        data: { recipientId, channel: 'IN_APP', template, about, workflowId },
        personal: { title, body },
        refs: about,
      },
    ]
  },

  emits: ['NotificationSent'],
  returns: { notification: Notification },
})
