import { InputType } from 'type-graphql'
import { type ActionSpec, action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { RiskEvents } from '#shared/events/risk.js'
import { given, instant, money } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import type { Sum } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { type PayoutHoldState, payoutHold } from '../payout-hold.js'
import { requireFuture, requireKnown } from '../subject.js'
import { PayoutHold } from '../views/payout-hold.js'

@InputType('ApplyPayoutHoldInput', { description: 'Whose money to keep back, how much, and until when.' })
export class ApplyPayoutHoldInput extends ActionInput {
  @given('Organization', 'Whose money it is.')
  organizationId!: string

  @given('Payout', 'Hold this one payout alone; left out: whatever is paid out.', { nullable: true })
  payoutId?: string | null

  @money('How much to keep back; left out: all of it.', { nullable: true })
  amount?: Sum | null

  @instant('When the hold ends by itself (UTC); left out: not before somebody releases it.', {
    nullable: true,
  })
  until?: Date | null
}

type Holding = ActionSpec<PayoutHoldState, RiskEvents, ApplyPayoutHoldInput, string[]>

/** What it is to keep money back: the same for who does it and for who asks for it (X16). */
export const holding = {
  risk: 'EMERGENCY',
  idempotent: 'REQUIRED',
  reasons: {
    FRAUD: 'It defrauds, or is about to.',
    CHARGEBACK_EXPOSURE: 'Disputes may cost more than what is left.',
    NEGATIVE_BALANCE: 'It owes money.',
    VERIFICATION_PENDING: 'Who they are has to be proved first.',
    NON_FULFILMENT: 'It does not deliver.',
    LEGAL_ORDER: 'A court or an authority demands it.',
  },

  on: payoutHold,
  prepare: ({ organizationId, payoutId }, tx) =>
    unknownIds(tx, payoutId ? [organizationId, payoutId] : [organizationId]),

  decide(_nothing, { organizationId, payoutId = null, amount = null, until = null }, { now, read: unknown }) {
    requireKnown(organizationId, 'organizationId', unknown, 'org')
    if (payoutId) requireKnown(payoutId, 'payoutId', unknown, 'pyo')
    if (amount && amount.amount <= 0)
      refuse('NOT_POSITIVE', 'A hold has to be of more than nothing.', 'amount')
    requireFuture(until, now)
    return {
      type: 'PayoutHeld',
      data: { organizationId, payoutId, amount, until: until?.toISOString() ?? null },
    }
  },

  emits: ['PayoutHeld'],
  returns: { hold: PayoutHold },
} satisfies Partial<Holding>

/** E15, E55, E60, E76, E77, X8: one person and a reason; several holds live side by side, each with its own owner. */
export const applyPayoutHold = action({
  ...holding,
  name: 'applyPayoutHold',
  description: "Keeps an organization's money, or part of it, from being paid out.",
  input: ApplyPayoutHoldInput,
  allow: RISK_OFFICERS,
  handOff: 'requestPayoutHold',
})
