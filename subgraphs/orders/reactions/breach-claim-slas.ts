import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** E49: an answer or evidence that does not come in time is noted when its date has come. */
export const breachClaimSlas = reaction<Act>({
  name: 'breach-claim-slas',
  on: ['ClaimOpened', 'EvidenceRequested'],
  // Workflows ask for evidence, too, and look after it themselves.
  when: ({ stream, data }) => (stream.type === 'Claim' ? new Date(data.dueAt ?? data.responseDueAt) : null),
  run: async ({ event, tx, act }) => {
    const { requirementId = null } = event.data
    await act('breachClaimSla', { claimId: event.stream.id, requirementId }, { tx, event })
  },
}) as Reaction
