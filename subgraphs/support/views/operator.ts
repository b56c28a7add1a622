import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { TicketCategory as Category } from '#shared/events/support.js'
import { entity, flag, instant, ref, several } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { TicketCategory } from '../enums.js'
import { NO_OPERATOR, operator } from '../operator.js'
import { StaffMember } from '../stubs.js'

@entity('Operator', {
  description:
    'What a member of staff covers in support (D38), and what they may do there besides their role.',
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

  @flag('They may give tickets to others (tickets:assign), although their role alone does not let them.')
  mayAssign!: boolean

  @instant('Until when they may (UTC); null: until it is taken back.', { nullable: true })
  mayAssignUntil!: Date | null

  @instant('Since when they wait to be granted tickets:assign (UTC); null: they do not.', { nullable: true })
  assignRequestedAt!: Date | null
}

const stepOf =
  <K extends keyof typeof operator.evolve>(type: K) =>
  (event: { data: { staffId: string } }, row: Operator | null) =>
    ({
      ...NO_OPERATOR,
      ...row,
      ...operator.evolve[type]!(
        { ...NO_OPERATOR, ...(row as object | null) } as never,
        event.data as never,
        event as never,
      ),
      staffId: event.data.staffId,
    }) as never

export const operators = view(Operator, {
  of: operator,
  on: {
    AccessRequested: stepOf('AccessRequested'),
    PermissionGranted: stepOf('PermissionGranted'),
    PermissionRevoked: stepOf('PermissionRevoked'),
    CoverageChanged: stepOf('CoverageChanged'),
  },
})
