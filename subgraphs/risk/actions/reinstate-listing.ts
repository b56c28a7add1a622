import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { linkedIds } from '#shared/known.js'
import { dualControl } from '#shared/policy.js'
import { refuse } from '#shared/refusal.js'
import { RISK_OFFICERS } from '../audience.js'
import { inForce } from '../in-force.js'
import { listingTakedown, takedownIdOf } from '../listing-takedown.js'
import { requireKnown } from '../subject.js'
import { ListingTakedown } from '../views/listing-takedown.js'

@InputType('ReinstateListingInput', { description: 'Which listing to bring back.' })
export class ReinstateListingInput extends ActionInput {
  @given('Listing', 'The listing to bring back.')
  listingId!: string
}

/** E82, E101, X8: a reason and two people, always. */
export const reinstateListing = action({
  name: 'reinstateListing',
  description: 'Brings a listing that was taken down back to the marketplace.',
  input: ReinstateListingInput,
  risk: 'DANGEROUS',
  idempotent: 'REQUIRED',
  reasons: {
    FALSE_ALARM: 'It never broke a rule.',
    CORRECTED: 'The seller put it right.',
    APPEAL_UPHELD: 'The seller appealed, and was right.',
    RIGHTS_CLEARED: 'The seller has the rights, or the complaint was withdrawn.',
    LEGAL_CLEARANCE: 'The court or authority allows it.',
  },

  on: listingTakedown,
  target: input => takedownIdOf(input.listingId),
  prepare: ({ listingId }, tx) => linkedIds(tx, listingId, 'organization'),

  allow: RISK_OFFICERS,
  policy: dualControl(RISK_OFFICERS),

  decide({ state, until }, { listingId }, { now, approvalId, read: sellers }) {
    requireKnown(listingId, 'listingId', [], 'lst')
    if (state !== 'APPLIED' || !inForce(until, now))
      refuse('INVALID_STATE', 'It is not down.', 'listingId', { state, until })
    return { type: 'ListingReinstated', data: { listingId, approvalId }, refs: [listingId, ...sellers] }
  },

  emits: ['ListingReinstated'],
  returns: { takedown: ListingTakedown },
})
