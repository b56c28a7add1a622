import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { TicketCategory as Category } from '#shared/events/support.js'
import { entity, ref, several } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { TicketCategory } from '../enums.js'
import { NO_OPERATOR, operator } from '../routing/operator.js'
import { StaffMember } from '../stubs.js'

@entity('Operator', {
  description: 'What a member of staff covers in support (D38).',
  allow: READERS,
  schema: 'support',
  prefix: 'opr',
})
export class Operator extends Row {
  @ref(() => StaffMember, 'Who it is.')
  staffId!: string

  @several(ID, 'Queues that they cover.')
  queueIds!: string[]

  @several(TicketCategory, 'Categories that they cover, in whichever queue.')
  categories!: Category[]

  @several(String, 'Tags that they cover, in whichever queue.')
  tags!: string[]
}

/** The row is there since the first event, whichever it was. */
const standing = ({ data: { staffId } }: { data: { staffId: string } }, row: Operator | null) => ({
  ...NO_OPERATOR,
  ...row,
  staffId,
})

export const operators = view(Operator, {
  of: operator,
  on: {
    AccessRequested: standing,
    PermissionGranted: standing,
    PermissionRevoked: standing,
    CoverageChanged: ({ data }) => data,
  },
})
