import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents } from '#shared/events/desk.js'
import { given, instant } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { requireAhead, runbook } from '../desk/runbook.js'
import { LEADS } from '../staff.js'
import { Runbook } from '../views/runbook.js'

@InputType('ReviewRunbookInput', { description: 'That a guide was read again and holds.' })
export class ReviewRunbookInput extends ActionInput {
  @given('Runbook', 'The guide.')
  runbookId!: string

  @instant('When it has to be read next (UTC); ahead of us.')
  nextReviewAt!: Date
}

/** A5. The note says what was looked at. */
export const reviewRunbook = action({
  name: 'reviewRunbook',
  description: 'Says that a guide was read again and still holds; wants a note of what was looked at.',
  input: ReviewRunbookInput,

  on: runbook,
  target: input => input.runbookId,
  prepare: async ({ runbookId }, tx): Promise<Date | null> => {
    const [row] = await tx.query('select next_review_at as at from support.runbook where id = $1', [
      runbookId,
    ])
    return row?.at ?? null
  },

  allow: LEADS,

  decide({ shape }, { nextReviewAt, note }, { now, read: seeded }): Draft<DeskEvents> {
    const previous = shape?.nextReviewAt ?? seeded?.toISOString()
    if (!previous) refuse('NOT_FOUND', 'There is no such runbook.', 'runbookId')
    if (!note?.trim()) refuse('INVALID', 'Write what you looked at.', 'note')
    requireAhead(nextReviewAt, now)
    const data = { nextReviewAt: nextReviewAt.toISOString(), previousReviewAt: previous }
    return { type: 'RunbookReviewed', data }
  },

  emits: ['RunbookReviewed'],
  returns: { runbook: Runbook },
})
