import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { instant, json, oneOf, text } from '#shared/fields.js'
import { externalId } from '#shared/id.js'
import { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { providerEvent } from '../provider-event.js'

const WebhookProvider = states('WebhookProvider', 'Who tells us things by webhook.', {
  stripe: 'Stripe, at POST /webhooks/stripe.',
})

@InputType('ReceiveProviderEventInput', {
  description: 'What a payment provider told, after its signature was checked.',
})
export class ReceiveProviderEventInput extends ActionInput {
  @oneOf(WebhookProvider, 'Who.')
  provider!: 'stripe'

  @text("The provider's id of the event, evt_….")
  providerEventId!: string

  @text('What kind, e.g. refund.updated.')
  type!: string

  @instant('When the provider says it happened (UTC).')
  createdAt!: Date

  @json('What it speaks of, as far as it is needed; nothing personal.')
  object!: Record<string, unknown>
}

/** R13: the first delivery counts, all others are answered alike and leave nothing. */
export const receiveProviderEvent = action({
  name: 'receiveProviderEvent',
  description: 'Takes in what a payment provider told by webhook. Done by Opsgraph itself.',
  input: ReceiveProviderEventInput,

  on: providerEvent,
  target: ({ provider, providerEventId }) => externalId('pev', provider, providerEventId),

  allow: [Role.SYSTEM],

  decide({ isKnown }, { provider, providerEventId, type, createdAt, object }) {
    if (isKnown) return []
    const data = { provider, providerEventId, type, createdAt: createdAt.toISOString(), object }
    return { type: 'ProviderEventReceived', data }
  },

  emits: ['ProviderEventReceived'],
  returns: {},
})
