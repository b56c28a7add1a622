import { InputType } from 'type-graphql'
import { type Class, given, oneOf } from '#shared/fields.js'
import { listOf, listOn, lookup } from '#shared/queries.js'
import { Claim, Listing, Order, Organization, Shipment, Ticket, User } from '../stubs.js'
import { TrustCase, TrustCaseState } from '../views/trust-case.js'

@InputType('TrustCaseFilter', { description: 'Which trust cases; what is left out does not matter.' })
export class TrustCaseFilter {
  @oneOf(TrustCaseState, 'Those that stand here.', { nullable: true })
  state?: keyof typeof TrustCaseState | null

  @given('StaffMember', 'Those that this person works on.', { nullable: true })
  assigneeId?: string | null

  @given('Node', 'Those that came from this.', { nullable: true })
  fromId?: string | null
}

/** The cases that came from an entity, or concern it. */
const casesOf = (parent: Class): Class =>
  listOn(parent, {
    name: 'trustCases',
    type: TrustCase,
    description: 'Trust cases that came from it or concern it, newest first.',
    where: id => ({ where: 'subject_ids @> array[$1]', values: [id] }),
  })

export const trustCaseQueries: readonly Class[] = [
  listOf({
    name: 'trustCases',
    type: TrustCase,
    description: 'Trust cases, newest first.',
    filter: TrustCaseFilter,
  }),
  lookup(TrustCase),
  ...[Organization, User, Listing, Order, Claim, Shipment, Ticket].map(casesOf),
]
