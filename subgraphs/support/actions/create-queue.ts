import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { oneOf, several, text } from '#shared/fields.js'
import { TicketCategory, Workspace } from '../enums.js'
import { queue } from '../routing/queue.js'
import { lockedQueues, requireOwnName } from '../routing/queue-names.js'
import type { RoutableQueue } from '../routing/routing.js'
import { LEADS } from '../staff.js'
import { Queue } from '../views/queue.js'

@InputType('CreateQueueInput', { description: 'A new queue.' })
export class CreateQueueInput extends ActionInput {
  @text('What staff call it; no two queues alike.', { max: 60 })
  name!: string

  @text('What customers call it.', { max: 60 })
  publicName!: string

  @oneOf(Workspace, 'Where the people work who look after it.')
  workspace!: keyof typeof Workspace

  @several(TicketCategory, 'Tickets of these categories come here when no rule says otherwise.', { max: 20 })
  categories!: (keyof typeof TicketCategory)[]

  @Field(() => Boolean, { defaultValue: false, description: 'What lies here is spam: not in the inbox.' })
  isSpam!: boolean
}

/** A2: where tickets lie, and who looks after them. */
export const createQueue = action({
  name: 'createQueue',
  description: 'Makes a new queue for tickets.',
  input: CreateQueueInput,

  on: queue,
  prepare: (_input, tx, { services }): Promise<RoutableQueue[]> => lockedQueues(tx, services.store),

  allow: LEADS,

  decide(_state, { name, publicName, workspace, categories, isSpam }, { targetId, read: queues }) {
    requireOwnName(name, targetId, queues)
    const data = { name, publicName, workspace, categories: [...new Set(categories)], isActive: true, isSpam }
    return { type: 'QueueCreated', data }
  },

  emits: ['QueueCreated'],
  returns: { queue: Queue },
})
