import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { TicketCategory } from '../enums.js'
import { operator, operatorOf } from '../routing/operator.js'
import { type RoutableQueue, readQueues } from '../routing/routing.js'
import { type Candidate, candidate, LEADS, requireAssignable } from '../staff.js'
import { MAX_TAGS, tagsOf } from '../tags.js'
import { Operator } from '../views/operator.js'

@InputType('SetCoverageInput', { description: 'What a member of staff looks after; all of it, each time.' })
export class SetCoverageInput extends ActionInput {
  @given('StaffMember', 'Who.')
  staffId!: string

  @several(ID, 'Queues.', { max: 100 })
  queueIds!: string[]

  @several(TicketCategory, 'Categories, in whichever queue.', { max: 20 })
  categories!: (keyof typeof TicketCategory)[]

  @several(String, 'Tags, in whichever queue.', { max: MAX_TAGS })
  tags!: string[]
}

/** D38, X9: what `coveredByMe` means for them. It is about what they look at first, never about what they may see. */
export const setCoverage = action({
  name: 'setCoverage',
  description: 'Says what a member of staff looks after: queues, categories, tags; one of them is enough.',
  input: SetCoverageInput,

  on: operator,
  target: input => operatorOf(input.staffId),
  prepare: async ({ staffId }, tx, { services }): Promise<{ who: Candidate; queues: RoutableQueue[] }> => ({
    who: await candidate(tx, staffId, services.clock()),
    queues: await readQueues(tx),
  }),

  allow: LEADS,

  decide(_state, { staffId, queueIds, categories, tags }, { read: { who, queues } }) {
    requireAssignable(who, 'staffId')
    const unknown = queueIds.filter(id => !queues.some(queue => queue.id === id))
    if (unknown.length) refuse('UNKNOWN_REFERENCE', `${unknown[0]} is not a queue.`, 'queueIds', { unknown })
    return {
      type: 'CoverageChanged',
      data: {
        staffId,
        queueIds: [...new Set(queueIds)],
        categories: [...new Set(categories)],
        tags: tagsOf(tags, 'tags'),
      },
      refs: [staffId, ...queueIds],
    }
  },

  emits: ['CoverageChanged'],
  returns: { operator: Operator },
})
