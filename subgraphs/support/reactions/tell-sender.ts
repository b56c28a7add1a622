import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** A3: who handed something over learns what came of it. */
export const tellSender = reaction<Act>({
  name: 'tell-sender-of-handoff',
  on: ['HandoffAccepted', 'HandoffReturned'],
  since: 'NOW',
  run: async ({ event, tx, act }) => {
    const { senderId, missing } = event.data as { senderId: string; missing?: string[] }
    const [person] = await tx.query('select name from access.person where id = $1', [event.actor.id])
    const who = person?.name ?? 'Somebody'
    const words = missing
      ? { title: 'Your handover came back', body: `${who} sent it back. It lacks: ${missing.join(', ')}.` }
      : { title: 'Your handover was taken over', body: `${who} took it over.` }
    await act(
      'sendNotification',
      {
        recipientId: senderId,
        template: missing ? 'HANDOFF_RETURNED' : 'HANDOFF_ACCEPTED',
        ...words,
        about: [event.stream.id],
        workflowId: null,
        idempotencyKey: `handoff/${event.id}`,
      },
      { tx, event },
    )
  },
}) as Reaction
