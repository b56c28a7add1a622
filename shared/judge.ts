import type { EntityManager } from 'typeorm'
import type { Action } from '#shared/action.js'
import type { EventDraft } from '#shared/event.js'
import { chargeLimits, type LimitQuestion, limitLocks, type Measured } from '#shared/limits.js'
import type { Sum } from '#shared/money.js'
import type { Asked } from '#shared/outcome.js'
import { evaluate, type Policy, type Question, requireReach, trusted, type Verdict } from '#shared/policy.js'

/** What a decision does in money, for a limit to count: what is given back, however it was asked for. */
export function measuredBy(action: Action, drafts: readonly EventDraft[], targetId: string): Measured[] {
  const [first] = drafts
  if (action.policy.kind !== 'LIMIT' || !first) return []
  if (action.measure) return action.measure(drafts)
  const { amount } = first.data as { amount?: Sum }
  if (!amount)
    throw new Error(`${action.name} has a limit: its first event has no amount, so it has to measure`)
  return [{ targetId, amount }]
}

/**
 * Whether it may be done now, by who asks for it or, once approved, by who approves it. What somebody may do alone under a limit is
 * looked at twice, the second time with the person and the targets locked: meanwhile they may have used it up on other targets.
 * @throws Refusal ABOVE_APPROVAL_LIMIT
 */
export async function judge(tx: EntityManager, asked: Asked, question: Question): Promise<Verdict> {
  const { caller, approved, performer } = asked
  const { policy } = performer.action
  if (approved) {
    await requireReach(policy, tx, { ...question, identity: caller.identity })
    return evaluate(trusted, tx, question)
  }
  const verdict = await evaluate(policy, tx, question)
  const counted = countedIn(verdict, policy, question)
  if (!counted) return verdict
  await caller.services.store.lock(tx, limitLocks(counted))
  return evaluate(policy, tx, question)
}

/** Notes what was done alone under a limit, if it was. */
export async function charge(
  tx: EntityManager,
  policy: Policy,
  verdict: Verdict,
  question: Question,
  eventId: number,
): Promise<void> {
  const counted = countedIn(verdict, policy, question)
  if (counted) await chargeLimits(tx, counted, eventId)
}

const countedIn = (
  { effect, limits }: Verdict,
  policy: Policy,
  { identity, measured = [], now }: Question,
): LimitQuestion | null =>
  policy.kind === 'LIMIT' && effect === 'ALLOW' && limits.length
    ? { limit: policy.limit, identity, measured, now }
    : null
