import type { Act } from '#shared/act.js'
import type { AccountEvents } from '#shared/events/accounts.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** D59: who asked for access learns what came of it. */
export const tellOfAccess = reaction<Act>({
  name: 'tell-of-access',
  on: ['AccessRequestGranted', 'AccessRequestDeclined'],
  since: 'NOW',
  run: async ({ event, tx, act }) => {
    const { staffId, what } = event.data as AccountEvents['AccessRequestDeclined']
    const granted = event.type === 'AccessRequestGranted'
    const said = event.note ? ` They wrote: ${event.note}` : ''
    const words = granted
      ? { title: 'You were given what you asked for', body: `You have ${what} from now on.${said}` }
      : { title: 'You were not given what you asked for', body: `It was decided not to give ${what}.${said}` }
    await act(
      'sendNotification',
      {
        recipientId: staffId,
        template: granted ? 'ACCESS_GRANTED' : 'ACCESS_DECLINED',
        ...words,
        about: [event.stream.id],
        workflowId: null,
        idempotencyKey: `access/${event.id}`,
      },
      { tx, event },
    )
  },
}) as Reaction
