import { InputType } from 'type-graphql'
import type { ContactBy, UserState } from '#shared/events/accounts.js'
import { oneOf, type Problem, text } from '#shared/fields.js'
import { RecordInput, recording } from '#shared/record.js'
import { isEmail } from '../email.js'
import { ContactPreference, UserStatus } from '../views/user.js'

@InputType('UserRecordInput', { description: 'A customer.' })
export class UserRecordInput extends RecordInput {
  @text('What they are called.', { nullable: true })
  name?: string | null

  @text('Their e-mail address.', { nullable: true, max: 254 })
  email?: string | null

  @text('Their telephone number.', { nullable: true, max: 40 })
  phone?: string | null

  @oneOf(UserStatus, 'Whether they may use the marketplace.', { default: 'ACTIVE' })
  status!: UserState

  @oneOf(ContactPreference, 'How they want to hear from us.', { default: 'BOTH' })
  contactPreference!: ContactBy

  @text('Customer at the payment provider, cus_…', { nullable: true })
  stripeCustomerId?: string | null
}

function problemsOf({ email, stripeCustomerId }: UserRecordInput): Problem[] {
  const problems: Problem[] = []
  if (email && !isEmail(email)) problems.push({ field: 'email', message: 'is not an e-mail address' })
  if (stripeCustomerId && !stripeCustomerId.startsWith('cus_'))
    problems.push({ field: 'stripeCustomerId', message: 'has to begin with cus_' })
  return problems
}

/** A9. */
export const recordUsers = recording({
  name: 'recordUsers',
  plural: 'users',
  description: 'Takes customers in.',
  record: UserRecordInput,
  check: problemsOf,
  emits: ['UserRecorded'],
  streams: ({ source, externalId, name = null, email = null, phone = null, ...rest }, id) => [
    {
      stream: { type: 'User', id: id('usr', externalId) },
      event: {
        type: 'UserRecorded',
        data: {
          source,
          externalId,
          status: rest.status ?? 'ACTIVE',
          contactPreference: rest.contactPreference ?? 'BOTH',
          stripeCustomerId: rest.stripeCustomerId ?? null,
        },
        personal: { name, email, phone },
      },
    },
  ],
})
