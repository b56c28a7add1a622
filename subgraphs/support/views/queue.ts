import { Row } from '#shared/entity.js'
import type { TicketCategory as Category, QueueShape, Workspace as Where } from '#shared/events/support.js'
import { entity, flag, oneOf, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { TicketCategory, Workspace } from '../enums.js'
import { queue } from '../routing/queue.js'

@entity('Queue', {
  description: 'Where tickets lie until somebody takes them.',
  allow: READERS,
  schema: 'support',
  prefix: 'que',
})
export class Queue extends Row {
  @text('What staff call it.')
  name!: string

  @text('What customers call it; all that they learn of it (X10).')
  publicName!: string

  @oneOf(Workspace, 'Where the people work who look after it.')
  workspace!: Where

  @several(TicketCategory, 'Tickets of these categories come here when no rule says otherwise.')
  categories!: Category[]

  @flag('New tickets may come here.')
  isActive!: boolean

  @flag('What lies here is spam: it is not in the inbox.')
  isSpam!: boolean
}

const whole = ({ data }: { data: QueueShape }): QueueShape => data

export const queues = view(Queue, {
  of: queue,
  on: { QueueCreated: whole, QueueChanged: whole },
  workspace: row => row.workspace,
})
