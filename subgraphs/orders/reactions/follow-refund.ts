import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { configuredProviders, type ProviderOf } from '../providers/configured.js'
import { ProviderFailure, type RefundRequest } from '../providers/provider.js'
import { isKnown, newsOf, type Sent, sharesIn } from '../refund-sending.js'

const DAY = 86_400_000

/** R13: webhooks can be lost. What the provider took on and said no more of is looked up every day, until it is done or has failed. */
export const followRefund = reaction<Act, Sent[]>({
  name: 'follow-refund',
  on: ['RefundSubmitted'],
  when: ({ occurredAt }) => new Date(occurredAt.getTime() + DAY),

  async call({ event, db, services }) {
    const providerOf = await configuredProviders(services)
    const open = await sharesIn(db, 'SUBMITTED', asked(event))
    const found = await Promise.all(open.map(request => find(providerOf, request)))
    return found.filter(one => one !== null)
  },

  async run({ event, tx, act, now, answer }) {
    for (const one of answer) await act(...newsOf(one, 1), { tx, event })
    const left = await sharesIn(tx, 'SUBMITTED', asked(event))
    if (left.length) return { again: new Date(now.getTime() + DAY) }
  },
}) as Reaction

const asked = ({ data: { refundId, paymentId } }: StoredEvent) => ({ refundId, paymentId, attempt: null })

/** What the provider says of it; null when it does not know it, or nothing can be learnt today. */
async function find(providerOf: ProviderOf, request: RefundRequest): Promise<Sent | null> {
  try {
    const outcome = await providerOf(request.payment).find(request)
    return outcome && { request, outcome }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    const sent = { request, outcome: error }
    return isKnown(sent) ? sent : null
  }
}
