import type { EntityManager } from 'typeorm'
import { aggregate } from '#shared/aggregate.js'
import type {
  DeliveryChannel,
  MailEvents,
  NotificationChoice,
  NotificationTopic as Topic,
} from '#shared/events/mail.js'
import { prefixOf } from '#shared/id.js'
import { states } from '#shared/states.js'
import { addressesOf } from '../mail/addresses.js'

export const NotificationTopic = states('NotificationTopic', 'What people are told of.', {
  TICKET_ANSWERS: 'Answers of support on their tickets.',
  TICKET_STATES: 'That a ticket of theirs was closed or opened again.',
  FOLLOW_UPS: 'For staff: that a customer wrote on, or opened again, a ticket which is theirs to work on.',
  PAGES: 'For staff: what cannot wait, while they are on call or lead. Always on.',
  NEWS: 'What happens to orders, claims and money, and what they are asked to accept.',
  SECURITY: 'Who may get in, and that something which was sent never arrived: always on.',
})

/** What one may switch off. The rest is always on: security; and what is only in the app is there to be looked up. */
const SWITCHES: Record<Topic, readonly DeliveryChannel[]> = {
  TICKET_ANSWERS: ['IN_APP', 'EMAIL'],
  TICKET_STATES: ['IN_APP', 'EMAIL'],
  FOLLOW_UPS: ['IN_APP'],
  PAGES: [],
  NEWS: ['EMAIL'],
  SECURITY: [],
}
export const TOPICS = Object.keys(SWITCHES) as Topic[]

export const maySwitch = (topic: Topic, channel: DeliveryChannel): boolean =>
  SWITCHES[topic].includes(channel)

/** How one person wants to be told what. */
export const preferences = aggregate<{ choices: readonly NotificationChoice[] }, MailEvents>({
  type: 'NotificationPreferences',
  prefix: 'npr',
  initial: { choices: [] },
  evolve: { NotificationPreferencesSet: (_, { choices }) => ({ choices }) },
})

export const preferencesOf = (personId: string): string => `npr_${personId}`

/** Somebody's choices, and whether the marketplace said that they want no mail. */
export interface Wishes {
  choices: readonly NotificationChoice[]
  inAppOnly: boolean
}

/** What they said themselves counts; then what the marketplace recorded, for mail that is not about security; then: on. */
export function wants({ choices, inAppOnly }: Wishes, topic: Topic, channel: DeliveryChannel): boolean {
  if (!maySwitch(topic, channel)) return true
  const said = choices.find(one => one.topic === topic && one.channel === channel)
  return said?.on ?? !(channel === 'EMAIL' && inAppOnly)
}

/** Wishes of people; of an organization there are none. */
export async function wishesOf(db: EntityManager, ids: readonly string[]): Promise<Map<string, Wishes>> {
  const rows: { person_id: string; choices: NotificationChoice[] }[] = await db.query(
    'select person_id, choices from support.notification_preferences where person_id = any($1)',
    [ids],
  )
  const said = new Map(rows.map(row => [row.person_id, row.choices]))
  const addresses = await addressesOf(
    db,
    ids.filter(id => prefixOf(id) === 'usr'),
  )
  return new Map(
    ids.map(id => [
      id,
      { choices: said.get(id) ?? [], inAppOnly: addresses.get(id)?.contactBy === 'IN_APP' },
    ]),
  )
}

/** Templates of workflows that are about who may get in. */
const SECURITY = /^(SECURITY|ACCOUNT|SIGN_IN|PASSWORD|TOKEN|ACCESS)_/

/** What somebody is paged with; never switched off. */
const PAGES = /^PAGE_/

export function topicOf(template: string): Topic {
  if (PAGES.test(template)) return 'PAGES'
  return SECURITY.test(template) ? 'SECURITY' : 'NEWS'
}
