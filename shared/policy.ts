import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import { format, type Sum } from '#shared/money.js'
import type { Role } from '#shared/roles.js'

/** How much each role may do alone, by currency, in minor units. A currency that is missing means approval (X14). */
export interface Limit {
  name: string
  description: string
  perTarget: Partial<Record<Role, Record<string, number>>>
  /** Roles without a limit. */
  unlimited: readonly Role[]
}

/** Holds when a field of the input has this value. */
export interface InputCondition {
  field: string
  equals: string
}

/**
 * What stands between a role and an action. Plain data, so that the action, its documentation, the permission rules and `decision`
 * read the same thing.
 */
export type Policy = (
  | { kind: 'TRUSTED' }
  | { kind: 'DUAL_CONTROL'; approvers: readonly Role[]; when?: InputCondition; owner?: string }
  | { kind: 'LIMIT'; limit: Limit; amount: string; approvers: readonly Role[] }
) & { signedInWithin?: number }

/** The role is enough. */
export const trusted: Policy = { kind: 'TRUSTED' }

/**
 * Always a second person (E101), or only `when` the input says something graver than usual (E22). `owner` names the field of the
 * target's state that holds who may do it alone, e.g. who applied the hold that is to be released (E60).
 */
export const dualControl = (
  approvers: readonly Role[],
  { when, owner }: { when?: InputCondition; owner?: string } = {},
): Policy => ({
  kind: 'DUAL_CONTROL',
  approvers,
  ...(when ? { when } : {}),
  ...(owner ? { owner } : {}),
})

/** Alone up to a limit, cumulative over the target; above it a second person (E99, E100). `amount` names the input field. */
export const upTo = (limit: Limit, amount: string, approvers: readonly Role[]): Policy => ({
  kind: 'LIMIT',
  limit,
  amount,
  approvers,
})

/** Wants a sign-in at most `seconds` old (E62, RFC 9470). */
export const recentSignIn = (seconds: number, policy: Policy = trusted): Policy => ({
  ...policy,
  signedInWithin: seconds,
})

export const approversOf = (policy: Policy): readonly Role[] =>
  policy.kind === 'TRUSTED' ? [] : policy.approvers

/** How much of a limit is used. Amounts in minor units of `currency`; `limit` null: none is set, so approval. */
export interface LimitStatus {
  name: string
  currency: string
  limit: number | null
  used: number
  asked: number
}

export interface Verdict {
  effect: 'ALLOW' | 'ALLOW_WITH_APPROVAL' | 'STEP_UP'
  /** For people: why it is not simply allowed. */
  why: string | null
  limits: LimitStatus[]
}

export interface Question {
  identity: Identity
  targetId: string
  input: Record<string, unknown>
  /** The target as it is; left out by who only asks, and then nobody counts as its owner. */
  state?: unknown
  now: Date
  /** The hour by which sign-ins age; `now`, unless a test moved that. */
  wall?: Date
}

const allow: Verdict = { effect: 'ALLOW', why: null, limits: [] }

/** May this person do it alone, now? The role itself was checked before. Reads only; the target's lock makes it race-safe. */
export async function evaluate(policy: Policy, db: EntityManager, question: Question): Promise<Verdict> {
  const { identity, now, wall = now } = question
  if (policy.signedInWithin && identity.kind !== 'SYSTEM') {
    const age = wall.getTime() / 1000 - identity.authenticatedAt
    if (age > policy.signedInWithin)
      return { ...allow, effect: 'STEP_UP', why: `Wants a sign-in at most ${policy.signedInWithin} s old.` }
  }
  if (policy.kind === 'DUAL_CONTROL' && policy.owner && owns(question, policy.owner)) return allow
  if (policy.kind === 'DUAL_CONTROL') return twoPeople(policy.when, question.input)
  if (policy.kind === 'LIMIT')
    return withinLimit(policy.limit, question.input[policy.amount] as Sum, db, question)
  return allow
}

/** The state was read under the target's lock, so nobody else can have become its owner meanwhile. */
const owns = ({ identity, state }: Question, owner: string): boolean =>
  identity.personId !== '' && (state as Record<string, unknown> | undefined)?.[owner] === identity.personId

function twoPeople(when: InputCondition | undefined, input: Record<string, unknown>): Verdict {
  if (!when) return { ...allow, effect: 'ALLOW_WITH_APPROVAL', why: 'Always takes two people.' }
  if (input[when.field] !== when.equals) return allow
  return {
    ...allow,
    effect: 'ALLOW_WITH_APPROVAL',
    why: `Takes two people when ${when.field} is ${when.equals}.`,
  }
}

async function withinLimit(
  limit: Limit,
  asked: Sum,
  db: EntityManager,
  { identity, targetId }: Question,
): Promise<Verdict> {
  if (identity.kind === 'SYSTEM' || identity.roles.some(role => limit.unlimited.includes(role))) return allow
  const granted = identity.roles
    .map(role => limit.perTarget[role]?.[asked.currency])
    .filter(n => n !== undefined)
  const [row] = await db.query(
    'select coalesce(sum(amount), 0)::text as used from approval.limit_use where limit_name = $1 and target_id = $2 and currency = $3',
    [limit.name, targetId, asked.currency],
  )
  const status: LimitStatus = {
    name: limit.name,
    currency: asked.currency,
    limit: granted.length ? Math.max(...granted) : null,
    used: Number(row.used),
    asked: asked.amount,
  }
  if (status.limit === null)
    return { effect: 'ALLOW_WITH_APPROVAL', why: `No limit is set for ${asked.currency}.`, limits: [status] }
  if (status.used + status.asked <= status.limit) return { ...allow, limits: [status] }
  const shown = (amount: number) => format({ amount, currency: asked.currency })
  const why = `${shown(status.asked)} is above the limit of ${shown(status.limit)}${status.used ? `, of which ${shown(status.used)} is used` : ''}.`
  return { effect: 'ALLOW_WITH_APPROVAL', why, limits: [status] }
}

/** Notes what a person did alone under a limit, beside the event that did it. */
export async function chargeLimit(
  policy: Policy,
  tx: EntityManager,
  question: Question,
  eventId: number,
): Promise<void> {
  if (policy.kind !== 'LIMIT') return
  const { amount, currency } = question.input[policy.amount] as Sum
  await tx.query(
    `insert into approval.limit_use (event_id, limit_name, person_id, target_id, currency, amount, used_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      eventId,
      policy.limit.name,
      question.identity.personId,
      question.targetId,
      currency,
      amount,
      question.now,
    ],
  )
}

/** In words, for descriptions and docs. */
export function describePolicy(policy: Policy): string {
  const recent = policy.signedInWithin
    ? ` Wants a sign-in at most ${policy.signedInWithin / 3600} h old.`
    : ''
  if (policy.kind === 'TRUSTED') return recent.trim()
  const approvers = `a second person (${policy.approvers.join(', ')}) approves`
  if (policy.kind === 'DUAL_CONTROL') {
    const { when, owner } = policy
    const takes = when
      ? `When ${when.field} is ${when.equals}, takes`
      : owner
        ? `Unless ${owner} is oneself, takes`
        : 'Always takes'
    return `${takes} two people: ${approvers}.${recent}`
  }
  const limits = Object.entries(policy.limit.perTarget)
    .flatMap(([role, sums]) =>
      Object.entries(sums).map(([currency, amount]) => `${role} ${format({ amount, currency })}`),
    )
    .join(', ')
  return `Alone up to a cumulative limit per target (${limits}); above it, or in another currency, ${approvers}.${recent}`
}
