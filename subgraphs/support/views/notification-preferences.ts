import { Row } from '#shared/entity.js'
import type { NotificationChoice } from '#shared/events/mail.js'
import { entity, json, text } from '#shared/fields.js'
import { view } from '#shared/view.js'
import { TICKET_READERS } from '../audience.js'
import { preferences } from '../notifications/preferences.js'

@entity('NotificationPreferences', {
  description: 'How somebody wants to be told what; what they did not say is on.',
  allow: TICKET_READERS,
  schema: 'support',
  prefix: 'npr',
  requester: ({ personId }) => ({ where: 'person_id = $1', values: [personId] }),
})
export class NotificationPreferences extends Row {
  @text('Whose: open with node(id).')
  personId!: string

  @json('What they said.', { hidden: true })
  choices!: NotificationChoice[]
}

export const notificationPreferences = view(NotificationPreferences, {
  of: preferences,
  on: { NotificationPreferencesSet: ({ data: { personId, choices } }) => ({ personId, choices }) },
})
