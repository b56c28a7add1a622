import { RecordedRow } from '#shared/entity.js'
import type { ContactBy, UserState } from '#shared/events/accounts.js'
import { entity, oneOf, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { contactReaders, readersAndCustomers } from '../audience.js'
import { user } from '../mirrored.js'

export const UserStatus = states(
  'UserStatus',
  'Whether a customer may use the marketplace, as it says itself.',
  {
    ACTIVE: 'May use it.',
    SUSPENDED: 'Shut out by the marketplace.',
    CLOSED: 'Has left.',
  },
)

export const ContactPreference = states('ContactPreference', 'How a customer wants to hear from us (D23).', {
  EMAIL: 'By e-mail.',
  IN_APP: 'In the product.',
  BOTH: 'By e-mail and in the product.',
})

/** A9, D23: a customer. */
@entity('User', {
  description: 'A customer of the marketplace: who buys, sells, bids or runs a store.',
  allow: readersAndCustomers,
  requester: ({ personId }) => ({ where: 'id = $1', values: [personId] }),
  schema: 'accounts',
  prefix: 'usr',
})
export class User extends RecordedRow {
  @text('What they are called.', { nullable: true, only: contactReaders, find: IdentifierKind.NAME })
  name!: string | null

  @text('Their address, as the marketplace has it.', {
    nullable: true,
    only: contactReaders,
    find: IdentifierKind.EMAIL,
  })
  email!: string | null

  @text('Their telephone number.', { nullable: true, only: contactReaders })
  phone!: string | null

  @oneOf(UserStatus, 'Whether they may use the marketplace.')
  status!: UserState

  @oneOf(ContactPreference, 'How they want to hear from us.')
  contactPreference!: ContactBy

  @text('Customer at the payment provider, cus_…', {
    nullable: true,
    only: READERS,
    find: IdentifierKind.STRIPE,
  })
  stripeCustomerId!: string | null
}

export const users = view(User, {
  of: user,
  on: {
    UserRecorded: ({ data }) => ({
      ...data,
      name: data.name ?? null,
      email: data.email ?? null,
      phone: data.phone ?? null,
    }),
  },
})
