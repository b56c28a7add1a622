import { RecordedRow } from '#shared/entity.js'
import type { Billing } from '#shared/events/accounts.js'
import { entity, instant, oneOf, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { organization } from '../mirrored.js'

export const BillingState = states('BillingState', "Whether an organization's own bills are paid (D20).", {
  TRIAL: 'Nothing to pay yet.',
  CURRENT: 'All paid.',
  PAST_DUE: 'Something is overdue.',
  SUSPENDED: 'Shut off for want of payment.',
  CANCELED: 'Has ended its plan.',
})

/** D14, D15, D20: the account that tickets belong to. */
@entity('Organization', {
  description: 'An account of the marketplace: a seller with its stores and members.',
  allow: readersAndCustomers,
  requester: ({ orgIds }) => ({ where: 'id = any($1)', values: [orgIds] }),
  schema: 'accounts',
  prefix: 'org',
})
export class Organization extends RecordedRow {
  @text('What it is called.', { find: IdentifierKind.NAME })
  name!: string

  @text('Its short name in addresses.', { nullable: true, find: IdentifierKind.SLUG })
  slug!: string | null

  @text('The plan it pays for, in words of the marketplace.', { nullable: true })
  plan!: string | null

  @oneOf(BillingState, 'Whether its own bills are paid.')
  billingState!: Billing

  @instant('When that was so (UTC).', { nullable: true })
  billingAsOf!: Date | null

  @text('Account at the payment provider, acct_…', {
    nullable: true,
    only: READERS,
    find: IdentifierKind.STRIPE,
  })
  stripeAccountId!: string | null
}

export const organizations = view(Organization, {
  of: organization,
  on: {
    OrganizationRecorded: ({ data }) => ({
      ...data,
      billingAsOf: data.billingAsOf ? new Date(data.billingAsOf) : null,
    }),
  },
})
