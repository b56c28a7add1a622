import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { configuredProviders, type ProviderOf } from '../providers/configured.js'
import { ProviderFailure, type RefundRequest } from '../providers/provider.js'
import { isKnown, newsOf, type Sent, sharesIn } from '../refund-sending.js'

/** After so many tries, about five hours, a person has to look. */
const TRIES = 8
/** Shares that could not be sent are tried again after this, ms, when others of the same refund could. */
const SOON = 5_000

interface Answered {
  sent: Sent[]
  tries: number
}

/**
 * E39, R13: what was decided is sent, each payment's share on its own. A share that was answered is written down even when another was
 * not, and is not sent again: only those that are PENDING are, and the provider is asked first whether it has them.
 */
export const sendRefund = reaction<Act, Answered>({
  name: 'send-refund',
  on: ['RefundIssued', 'RefundRetried'],

  // Refunds from before shares were kept were given back by hand.
  when: ({ type, data, occurredAt }) => (type === 'RefundIssued' && !data.shares ? null : occurredAt),

  async call({ event, db, services, attempt }) {
    const providerOf = await configuredProviders(services)
    const open = await sharesIn(db, 'PENDING', asked(event))
    const all = await Promise.all(open.map(request => send(providerOf, request, attempt)))
    const sent = all.filter(isKnown)
    // Nothing was learnt: waiting longer each time is the kernel's.
    if (all.length && !sent.length) throw all[0]!.outcome
    return { sent, tries: attempt }
  },

  async run({ event, tx, act, now, answer: { sent, tries } }) {
    for (const one of sent) await act(...newsOf(one, tries), { tx, event })
    const left = await sharesIn(tx, 'PENDING', asked(event))
    if (left.length) return { again: new Date(now.getTime() + SOON) }
  },
}) as Reaction

/** The shares that an event wants sent: all of a new refund, or the one that a person sends again. */
const asked = ({ data: { refundId, paymentId = null, attempt = 1 } }: StoredEvent) => ({
  refundId,
  paymentId,
  attempt,
})

/** Asks the provider; when its tries are used up, not knowing is an outcome too. */
async function send(providerOf: ProviderOf, request: RefundRequest, tries: number): Promise<Sent> {
  try {
    return { request, outcome: await providerOf(request.payment).refund(request) }
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error
    return { request, outcome: error.final || tries < TRIES ? error : givenUp(error) }
  }
}

const givenUp = ({ code, message, providerRefundId }: ProviderFailure): ProviderFailure => {
  const advice = `Tried ${TRIES} times. Sending it again asks first whether it was given back after all.`
  return new ProviderFailure(code, `${message} ${advice}`, true, providerRefundId)
}
