import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { linkedIds, unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { inForce } from '../in-force.js'
import { type ListingTakedownState, listingTakedown, takedownIdOf } from '../listing-takedown.js'
import { requireFuture, requireKnown } from '../subject.js'
import { ListingPolicy, ListingTakedown } from '../views/listing-takedown.js'

@InputType('TakeDownListingInput', { description: 'Which listing to take down, and for what.' })
export class TakeDownListingInput extends ActionInput {
  @given('Listing', 'The listing to take down.')
  listingId!: string

  @oneOf(ListingPolicy, 'Which rule it breaks.')
  policy!: keyof typeof ListingPolicy

  @instant('When the takedown ends by itself (UTC); left out: not before two people reinstate the listing.', {
    nullable: true,
  })
  until?: Date | null
}

/** Down already, for as long as is asked or longer. */
const covers = ({ state, until: present }: ListingTakedownState, until: Date | null, now: Date): boolean =>
  state === 'APPLIED' &&
  inForce(present, now) &&
  (present === null || (until !== null && until <= new Date(present)))

/** E16, E76, E77, X8: one person and a reason; a takedown for a time can be made longer by another. */
export const takeDownListing = action({
  name: 'takeDownListing',
  description: 'Takes a listing from the marketplace, at once. It takes two people to undo.',
  input: TakeDownListingInput,
  risk: 'EMERGENCY',
  idempotent: 'REQUIRED',
  reasons: {
    POLICY_VIOLATION: 'It breaks the rule that `policy` names.',
    RIGHTS_HOLDER_NOTICE: 'Whoever owns the rights complained.',
    LEGAL_ORDER: 'A court or an authority demands it.',
    SAFETY: 'People could come to harm.',
    FRAUD: 'Buyers would be cheated.',
    ACCOUNT_COMPROMISED: 'The seller did not put it up.',
  },

  on: listingTakedown,
  target: input => takedownIdOf(input.listingId),
  prepare: async ({ listingId }, tx) => ({
    unknown: await unknownIds(tx, [listingId]),
    sellers: await linkedIds(tx, listingId, 'organization'),
  }),

  allow: RISK_OFFICERS,

  decide(state, { listingId, policy, until = null }, { now, read: { unknown, sellers } }) {
    requireKnown(listingId, 'listingId', unknown, 'lst')
    requireFuture(until, now)
    if (covers(state, until, now)) refuse('INVALID_STATE', 'It is down already.', 'listingId', { ...state })
    return {
      type: 'ListingTakedownApplied',
      data: { listingId, policy, until: until?.toISOString() ?? null },
      refs: [listingId, ...sellers],
    }
  },

  emits: ['ListingTakedownApplied'],
  returns: { takedown: ListingTakedown },
})
