import type { Act } from '#shared/act.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** A request that nobody decided runs out by an event, when its time has come. */
export const expireApprovals = reaction<Act>({
  name: 'expire-approvals',
  on: ['ApprovalRequested'],
  when: ({ data }) => new Date(data.expiresAt),
  run: async ({ event, tx, act }) => {
    await act('expireApproval', { approvalId: event.stream.id }, { tx, event })
  },
}) as Reaction
