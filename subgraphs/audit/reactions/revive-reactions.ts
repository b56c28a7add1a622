import { reaction, retryJob } from '#shared/reaction.js'
import { jobNumber } from '../reaction-job.js'

/** Somebody looked into why a reaction was given up and started it again (E3): it gets all its attempts anew. */
export const reviveReactions = reaction({
  name: 'revive-reactions',
  on: ['ReactionRetried'],
  run: async ({ event, tx, now }) => {
    await retryJob(tx, jobNumber(event.stream.id)!, now)
  },
})
