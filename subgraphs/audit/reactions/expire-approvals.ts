import type { EntityManager } from 'typeorm'
import type { StoredEvent } from '#shared/event.js'
import { type Reaction, reaction } from '#shared/reaction.js'

/** How a reaction acts: runs one of our actions as Opsgraph itself, in the reaction's transaction, caused by its event. */
type Act = (name: string, input: Record<string, unknown>, because: { tx: EntityManager; event: StoredEvent }) => Promise<unknown>

/** A request that nobody decided runs out by an event, when its time has come. */
export const expireApprovals = reaction<Act>({
  name: 'expire-approvals',
  on: ['ApprovalRequested'],
  when: ({ data }) => new Date(data.expiresAt),
  run: async ({ event, tx, act }) => {
    await act('expireApproval', { approvalId: event.stream.id }, { tx, event })
  },
}) as Reaction
