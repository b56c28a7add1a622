import type { Act } from '#shared/act.js'
import { type Again, type Reaction, reaction } from '#shared/reaction.js'
import { owedOf } from '../claim-of-order.js'

const HOUR = 3_600_000
/** How long a decided claim stays open for a word against it. */
const OPEN_FOR = 48 * HOUR
/** While something is owed, one looks again this often. */
const LOOK_AGAIN = 24 * HOUR

/** E49: a decided claim closes after two days; not while something is still owed to the buyer, which could then no longer be given. */
export const closeClaims = reaction<Act>({
  name: 'close-claims',
  on: ['ClaimResolved'],
  when: ({ occurredAt }) => new Date(occurredAt.getTime() + OPEN_FOR),
  run: async ({ event, tx, act, now }): Promise<Again | undefined> => {
    const claimId = event.stream.id
    const [claim] = await tx.query('select status from orders.claim where id = $1', [claimId])
    if (claim.status !== 'RESOLVED') return undefined
    const owed = (await owedOf(tx, [claimId])).get(claimId)
    if (owed && owed.amount > 0) return { again: new Date(now.getTime() + LOOK_AGAIN) }
    await act('closeClaim', { claimId }, { tx, event })
    return undefined
  },
}) as Reaction
