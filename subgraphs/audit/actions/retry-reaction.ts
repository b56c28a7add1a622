import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { jobNumber, reactionJob } from '../reaction-job.js'

@InputType('RetryReactionInput', { description: 'Which reaction to start again.' })
export class RetryReactionInput extends ActionInput {
  @given('ReactionJob', 'Its id, from deadLetters.')
  jobId!: string
}

interface Job {
  reaction: string
  event_id: string
  state: 'PENDING' | 'DONE' | 'DEAD'
}

/** E3: what was given up is started again by a person, who leaves a trace. */
export const retryReaction = action({
  name: 'retryReaction',
  description:
    'Starts a reaction again that failed for good: mail, deadlines, follow-up actions. It never has its effect twice.',
  input: RetryReactionInput,
  risk: 'SENSITIVE',
  reasons: {
    CAUSE_REMOVED: 'What made it fail is mended.',
    OUTAGE_OVER: 'Something it needs was away.',
    OTHER: 'Something else: the note says what.',
  },

  on: reactionJob,
  target: input => input.jobId,
  prepare: async ({ jobId }, tx): Promise<Job | null> => {
    const [job] = await tx.query('select reaction, event_id, state from log.reaction_job where id = $1', [
      jobNumber(jobId),
    ])
    return job ?? null
  },

  allow: [Role.SUPER_ADMIN],

  decide(_state, _input, { read: job }) {
    if (!job) refuse('NOT_FOUND', 'There is no such reaction.', 'jobId')
    if (job.state !== 'DEAD')
      refuse('INVALID_STATE', `It is ${job.state}; only what was given up is started again.`, 'jobId')
    const event = `evt_${job.event_id}`
    return { type: 'ReactionRetried', data: { reaction: job.reaction, event }, refs: [event] }
  },

  emits: ['ReactionRetried'],
  returns: {},
})
