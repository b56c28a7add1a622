import { Row } from '#shared/entity.js'
import type { ListingPolicy as Policy } from '#shared/events/risk.js'
import { entity, instant, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { listingTakedown } from '../listing-takedown.js'
import { Approval, Listing, StaffMember } from '../stubs.js'

export const ListingPolicy = states('ListingPolicy', 'The rule of the marketplace that a listing breaks.', {
  COUNTERFEIT: 'No fakes.',
  PROHIBITED_ITEM: 'Nothing that may not be sold.',
  INTELLECTUAL_PROPERTY: "Nobody's pictures, texts or marks.",
  PRODUCT_SAFETY: 'Nothing that hurts people.',
  FRAUD: 'Nothing that is not there.',
  MISLEADING: 'Nothing that is not as it is described.',
  LEGAL_ORDER: 'Nothing that a court or an authority forbade.',
})

export const ListingTakedownState = states('ListingTakedownState', 'Where a takedown stands.', {
  APPLIED: 'The listing is down.',
  REINSTATED: 'The listing is back; two people decided so.',
  EXPIRED: 'The listing is back; the time is over.',
})

@entity('ListingTakedown', {
  description: 'Whether a listing that was ever taken down is so now.',
  allow: READERS,
  schema: 'risk',
  prefix: 'tkd',
})
export class ListingTakedown extends Row {
  @ref(() => Listing, 'Which listing.')
  listingId!: string

  @oneOf(ListingPolicy, 'Which rule it breaks.')
  policy!: Policy

  @oneOf(ListingTakedownState, 'Where it stands.')
  state!: keyof typeof ListingTakedownState

  @instant('When it ends by itself (UTC); null: not before somebody reinstates the listing.', {
    nullable: true,
  })
  until!: Date | null

  @instant('When the listing was taken down (UTC), the last time.')
  appliedAt!: Date

  @ref(() => StaffMember, 'Who took it down.', { as: 'appliedBy' })
  appliedById!: string

  @text('Why, as a reason code of takeDownListing.')
  reasonCode!: string

  @instant('When it was reinstated (UTC).', { nullable: true })
  reinstatedAt!: Date | null

  @text('Why it was reinstated, as a reason code of reinstateListing.', { nullable: true })
  reinstatedReasonCode!: string | null

  @ref(() => Approval, 'The request by which it was reinstated.', { nullable: true })
  approvalId!: string | null
}

export const listingTakedowns = view(ListingTakedown, {
  of: listingTakedown,
  on: {
    ListingTakedownApplied: ({ data: { listingId, policy, until }, actor, reasonCode, occurredAt }) => ({
      listingId,
      policy,
      state: ListingTakedownState.APPLIED,
      until: until === null ? null : new Date(until),
      appliedAt: occurredAt,
      appliedById: actor.id,
      reasonCode,
      reinstatedAt: null,
      reinstatedReasonCode: null,
      approvalId: null,
    }),
    ListingReinstated: ({ data: { approvalId }, reasonCode, occurredAt }) => ({
      state: ListingTakedownState.REINSTATED,
      reinstatedAt: occurredAt,
      reinstatedReasonCode: reasonCode,
      approvalId,
    }),
  },
})
