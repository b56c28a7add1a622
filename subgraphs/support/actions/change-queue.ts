import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { canonicalJson } from '#shared/canonical.js'
import type { QueueShape } from '#shared/events/support.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketCategory, Workspace } from '../enums.js'
import { queue } from '../routing/queue.js'
import { lockedQueues, requireOwnName } from '../routing/queue-names.js'
import type { RoutableQueue } from '../routing/routing.js'
import { LEADS } from '../staff.js'
import { Queue } from '../views/queue.js'

@InputType('ChangeQueueInput', { description: 'What a queue shall be; what is left out stays.' })
export class ChangeQueueInput extends ActionInput {
  @given('Queue', 'The queue.')
  queueId!: string

  @text('What staff call it; no two queues alike.', { nullable: true, max: 60 })
  name?: string | null

  @text('What customers call it.', { nullable: true, max: 60 })
  publicName?: string | null

  @oneOf(Workspace, 'Where the people work who look after it.', { nullable: true })
  workspace?: keyof typeof Workspace | null

  @several(TicketCategory, 'Tickets of these categories come here when no rule says otherwise.', {
    nullable: true,
    max: 20,
  })
  categories?: (keyof typeof TicketCategory)[] | null

  @Field(() => Boolean, { nullable: true, description: 'New tickets may come here.' })
  isActive?: boolean | null

  @Field(() => Boolean, { nullable: true, description: 'What lies here is spam: not in the inbox.' })
  isSpam?: boolean | null
}

/** A2: what lies there stays there; a queue that is not active takes nothing new. */
export const changeQueue = action({
  name: 'changeQueue',
  description:
    'Changes a queue, or ends it: isActive false. What lies there stays until somebody routes it elsewhere.',
  input: ChangeQueueInput,

  on: queue,
  target: input => input.queueId,
  prepare: (_input, tx, { services }): Promise<RoutableQueue[]> => lockedQueues(tx, services.store),

  allow: LEADS,

  decide(
    { shape },
    { name, publicName, workspace, categories, isActive, isSpam },
    { targetId, read: queues },
  ) {
    if (!shape) refuse('NOT_FOUND', 'There is no such queue.', 'queueId')
    if (name) requireOwnName(name, targetId, queues)
    const next: QueueShape = {
      name: name ?? shape.name,
      publicName: publicName ?? shape.publicName,
      workspace: workspace ?? shape.workspace,
      categories: categories ? [...new Set(categories)] : shape.categories,
      isActive: isActive ?? shape.isActive,
      isSpam: isSpam ?? shape.isSpam,
    }
    const others = queues.filter(one => one.id !== targetId && one.isActive && !one.isSpam)
    if (others.length === 0 && (!next.isActive || next.isSpam))
      refuse('INVALID_STATE', 'One queue has to take tickets.', 'isActive')
    return canonicalJson(next) === canonicalJson(shape) ? [] : { type: 'QueueChanged', data: next }
  },

  emits: ['QueueChanged'],
  returns: { queue: Queue },
})
