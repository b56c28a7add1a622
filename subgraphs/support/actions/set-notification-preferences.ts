import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type {
  DeliveryChannel as Channel,
  MailEvents,
  NotificationChoice,
  NotificationTopic as Topic,
} from '#shared/events/mail.js'
import { flag, oneOf, parts } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { maySwitch, NotificationTopic, preferences, preferencesOf } from '../notifications/preferences.js'
import { DeliveryChannel } from '../views/message-delivery.js'
import { NotificationPreferences } from '../views/notification-preferences.js'

@InputType('NotificationChoiceInput', { description: 'Whether to be told of a topic by a channel.' })
export class NotificationChoiceInput {
  @oneOf(NotificationTopic, 'What of.')
  topic!: Topic

  @oneOf(DeliveryChannel, 'By which way.')
  channel!: Channel

  @flag('Whether to be told.')
  on!: boolean
}

@InputType('SetNotificationPreferencesInput', { description: 'How one wants to be told what.' })
export class SetNotificationPreferencesInput extends ActionInput {
  @parts(() => NotificationChoiceInput, 'What to change; the rest stays as it is.', { max: 20 })
  choices!: NotificationChoiceInput[]
}

const keyOf = ({ topic, channel }: NotificationChoice): string => `${topic}/${channel}`

/** D13, D23: for oneself alone. */
export const setNotificationPreferences = action({
  name: 'setNotificationPreferences',
  description: 'Says how one wants to be told what. What is about security is always told.',
  input: SetNotificationPreferencesInput,

  on: preferences,
  target: (_input, personId: string) => preferencesOf(personId),
  prepare: async (_input, _tx, { identity }): Promise<string> => identity.personId,

  allow: [...STAFF, Role.REQUESTER],

  decide({ choices: before }, { choices }, { actorId }): Draft<MailEvents>[] {
    const locked = choices.findIndex(({ topic, channel, on }) => !on && !maySwitch(topic, channel))
    if (locked >= 0)
      refuse('INVALID', 'This cannot be switched off.', `choices.${locked}.on`, { ...choices[locked] })
    const said = new Map(before.map(one => [keyOf(one), one]))
    const fresh = choices.filter(
      one => maySwitch(one.topic, one.channel) && said.get(keyOf(one))?.on !== one.on,
    )
    if (fresh.length === 0) return []
    for (const { topic, channel, on } of fresh)
      said.set(keyOf({ topic, channel, on }), { topic, channel, on })
    const all = [...said.values()]
    return [{ type: 'NotificationPreferencesSet', data: { personId: actorId, choices: all } }]
  },

  emits: ['NotificationPreferencesSet'],
  returns: { preferences: NotificationPreferences },
})
