import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import {
  approvalExceeded,
  describeLimit,
  exceeded,
  type Limit,
  type LimitStatus,
  limitStatuses,
  type Measured,
  type TooMuch,
} from '#shared/limits.js'
import { format } from '#shared/money.js'
import { refuse } from '#shared/refusal.js'
import type { Role } from '#shared/roles.js'

/** Holds when a field of the input has one of these values; of a list, any. */
export interface InputCondition {
  field: string
  isOneOf: readonly string[]
}

/**
 * What stands between a role and an action. Plain data, so that the action, its documentation, the permission rules and `decision`
 * read the same thing.
 */
export type Policy = (
  | { kind: 'TRUSTED' }
  | { kind: 'DUAL_CONTROL'; approvers: readonly Role[]; when?: InputCondition; owner?: string }
  | { kind: 'LIMIT'; limit: Limit; amount: string | null; approvers: readonly Role[] }
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

/**
 * Alone up to a limit, above it a second person (E99, E100); roles that approve up to a sum are approvers, too (X13). `amount` names the
 * input field that tells the sum before anything is decided; null where none does.
 */
export const upTo = (limit: Limit, amount: string | null, approvers: readonly Role[]): Policy => ({
  kind: 'LIMIT',
  limit,
  amount,
  approvers: [...approvers, ...(Object.keys(limit.approves) as Role[])],
})

/** Wants a sign-in at most `seconds` old (E62, RFC 9470). */
export const recentSignIn = (seconds: number, policy: Policy = trusted): Policy => ({
  ...policy,
  signedInWithin: seconds,
})

export const approversOf = (policy: Policy): readonly Role[] =>
  policy.kind === 'TRUSTED' ? [] : policy.approvers

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
  /** What it does in money, where a limit counts it. */
  measured?: readonly Measured[]
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
  if (policy.kind === 'LIMIT') return withinLimit(policy.limit, db, question)
  return allow
}

/** The state was read under the target's lock, so nobody else can have become its owner meanwhile. */
const owns = ({ identity, state }: Question, owner: string): boolean =>
  identity.personId !== '' && (state as Record<string, unknown> | undefined)?.[owner] === identity.personId

function twoPeople(when: InputCondition | undefined, input: Record<string, unknown>): Verdict {
  if (!when) return { ...allow, effect: 'ALLOW_WITH_APPROVAL', why: 'Always takes two people.' }
  const given = [input[when.field]].flat()
  const met = when.isOneOf.filter(value => given.includes(value))
  if (met.length === 0) return allow
  return {
    ...allow,
    effect: 'ALLOW_WITH_APPROVAL',
    why: `Takes two people when ${when.field} is ${met.join(' and ')}.`,
  }
}

async function withinLimit(
  limit: Limit,
  db: EntityManager,
  { identity, measured = [], now }: Question,
): Promise<Verdict> {
  const limits = await limitStatuses(db, { limit, identity, measured, now })
  const why = limits.map(exceeded).find(reason => reason !== null)
  return why === undefined ? { ...allow, limits } : { effect: 'ALLOW_WITH_APPROVAL', why, limits }
}

type Asked = Pick<Question, 'measured' | 'now'>

/** For each approving role: what stands between it and what is asked for, as policies stand now; null where nothing does (X13). */
async function reachOf(policy: Policy, db: EntityManager, { measured = [], now }: Asked) {
  const reach = new Map<Role, TooMuch | null>()
  for (const role of approversOf(policy))
    reach.set(
      role,
      policy.kind === 'LIMIT'
        ? await approvalExceeded(db, { limit: policy.limit, measured, now }, role)
        : null,
    )
  return reach
}

/** Who may approve what is asked for: a role that approves up to a sum is left out above it (X13). */
export async function approversFor(policy: Policy, db: EntityManager, asked: Asked): Promise<Role[]> {
  const reach = await reachOf(policy, db, asked)
  return [...reach.keys()].filter(role => reach.get(role) === null)
}

/** Refuses an approver none of whose roles reaches as far as what is asked for (X13). */
export async function requireReach(
  policy: Policy,
  db: EntityManager,
  { identity, ...asked }: Asked & Pick<Question, 'identity'>,
): Promise<void> {
  const reach = await reachOf(policy, db, asked)
  const [first, ...others] = [...reach].flatMap(([role, over]) =>
    identity.roles.includes(role) ? [over] : [],
  )
  if (!first || others.includes(null)) return
  const { role, policy: key, asked: sum, limit } = first
  const most = limit ? `at most ${format({ ...sum, amount: limit })}` : `nothing in ${sum.currency}`
  const message = `A ${role} may approve ${most}; this is ${format(sum)}.`
  refuse('ABOVE_APPROVAL_LIMIT', message, 'approvalId', { policy: key, limit, asked: sum })
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
      ? `When ${when.field} is ${when.isOneOf.join(' or ')}, takes`
      : owner
        ? `Unless ${owner} is oneself, takes`
        : 'Always takes'
    return `${takes} two people: ${approvers}.${recent}`
  }
  return `${describeLimit(policy.limit, approvers)}${recent}`
}
