import type { Act } from '#shared/act.js'
import type { WorkflowEvents } from '#shared/events/workflows.js'
import { prefixOf } from '#shared/id.js'
import { numberOf } from '#shared/known.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { wordsOf } from '../notifications/notification-words.js'

/** E69, E73: whoever asks that somebody be told something is answered by one NotificationSent. */
export const tellPeople = reaction<Act>({
  name: 'tell-people',
  on: ['NotificationRequested'],
  run: async ({ event, tx, act }) => {
    const { recipientId, template, about, facts } = event.data as WorkflowEvents['NotificationRequested']
    const orderNumber = await numberOf(
      tx,
      about.find(id => prefixOf(id) === 'ord'),
    )
    const input = {
      recipientId,
      template,
      ...wordsOf(template, recipientId, { orderNumber, ...facts }),
      about,
      workflowId: event.stream.type === 'Workflow' ? event.stream.id : null,
      idempotencyKey: `notification/${event.id}`,
    }
    await act('sendNotification', input, { tx, event })
  },
}) as Reaction
