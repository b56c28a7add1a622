import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import { format, type Sum } from '#shared/money.js'
import {
  type InForce,
  type LimitValue,
  POLICIES,
  type PolicyKey,
  policiesInForce,
  type SumsByCurrency,
} from '#shared/policies.js'
import type { Role } from '#shared/roles.js'
import { states } from '#shared/states.js'

/** Over what a limit is counted (X14). */
export const LimitScope = states('LimitScope', 'Over what a limit is counted.', {
  PER_REFUND: 'Each refund by itself.',
  PER_ORDER_CUMULATIVE: 'All that was given back on one order without a second person.',
  PER_AGENT_ROLLING_24H:
    'All that one person gave back within the last 24 hours without a second person, over all orders.',
})
export type LimitScope = keyof typeof LimitScope

type Keys = Partial<Record<Role, PolicyKey>>

/** How much one may do alone: which policies say so. Plain data, so that action, documentation and `decision` read the same thing. */
export interface Limit {
  name: string
  description: string
  /** What each role may do alone, by itself and in total on one target. A role without one: nothing. */
  alone: Keys
  /** What one person may do alone within 24 hours, over all targets. Does not hold for roles that are unlimited. */
  perPersonDay: PolicyKey
  /** Roles that approve up to a sum only (X13); other approvers approve any. */
  approves: Keys
}

/** What a decision does to one target, in money. */
export interface Measured {
  targetId: string
  amount: Sum
}

/** How much of a limit is used. Amounts in minor units of `currency`; `limit` null: none is set, so approval. */
export interface LimitStatus {
  scope: LimitScope
  name: string
  currency: string
  /** The target that it is counted on; null when over all. */
  targetId: string | null
  limit: number | null
  used: number
  asked: number
  /** The policy that says so, and which version of it; null for a role without any. */
  policy: PolicyKey | null
  policyVersion: number | null
}

/** Who does how much to what, and when. */
export interface LimitQuestion {
  limit: Limit
  identity: Pick<Identity, 'kind' | 'personId' | 'roles'>
  measured: readonly Measured[]
  now: Date
}

const DAY_MS = 86_400_000

/** One for each target and currency. */
export function totalled(measured: readonly Measured[]): Measured[] {
  const totals = new Map<string, Measured>()
  for (const { targetId, amount } of measured) {
    const key = `${targetId} ${amount.currency}`
    const before = totals.get(key)?.amount.amount ?? 0
    totals.set(key, { targetId, amount: { ...amount, amount: before + amount.amount } })
  }
  return [...totals.values()]
}

/** One for each currency, over all targets. */
const overAll = (measured: readonly Measured[]): Measured[] =>
  totalled(measured.map(one => ({ ...one, targetId: '' })))

/** What a policy says of one currency. */
type Granted = Pick<LimitStatus, 'limit' | 'policy' | 'policyVersion'>
type Grants = (currency: string) => Granted

const NOTHING: Granted = { limit: null, policy: null, policyVersion: null }

const grantsOf =
  (policy: PolicyKey, { value, version }: InForce<unknown>): Grants =>
  currency => ({ limit: (value as SumsByCurrency)[currency] ?? null, policy, policyVersion: version })

/** What the most generous of a person's roles may do alone; null when one of them is unlimited. */
function aloneOf(
  keys: readonly PolicyKey[],
  values: ReadonlyMap<PolicyKey, InForce<unknown>>,
): Grants | null {
  if (keys.some(key => values.get(key)!.value === 'UNLIMITED')) return null
  const grants = keys.map(key => grantsOf(key, values.get(key)!))
  return currency =>
    grants
      .map(grant => grant(currency))
      .sort((a, b) => (b.limit ?? -1) - (a.limit ?? -1))
      .at(0) ?? NOTHING
}

/**
 * Every limit that counts for a person, with what is used of it (E79, E99, X14). Empty for who has none. Sums of nothing ask what is left.
 * Reads only: `limitLocks` makes it hold in a race.
 */
export async function limitStatuses(db: EntityManager, question: LimitQuestion): Promise<LimitStatus[]> {
  const { limit, identity, measured, now } = question
  if (identity.kind === 'SYSTEM' || measured.length === 0) return []
  const keys = identity.roles.flatMap<PolicyKey>(role => limit.alone[role] ?? [])
  const values: Map<PolicyKey, InForce<unknown>> = await policiesInForce(
    db,
    [...keys, limit.perPersonDay],
    now,
  )
  const alone = aloneOf(keys, values)
  if (!alone) return []
  const perDay = values.get(limit.perPersonDay)!
  const day = perDay.value === 'UNLIMITED' ? null : grantsOf(limit.perPersonDay, perDay)
  return [
    ...measured.map(one => status(LimitScope.PER_REFUND, question, one, 0, alone)),
    ...(await perTarget(db, question, alone)),
    ...(day ? await perPerson(db, question, day) : []),
  ]
}

function status(
  scope: LimitScope,
  { limit: { name } }: LimitQuestion,
  { targetId, amount: { amount: asked, currency } }: Measured,
  used: number,
  grants: Grants,
): LimitStatus {
  return { scope, name, currency, targetId: targetId || null, used, asked, ...grants(currency) }
}

async function perTarget(db: EntityManager, question: LimitQuestion, grants: Grants): Promise<LimitStatus[]> {
  const totals = totalled(question.measured)
  const rows: { target_id: string; currency: string; used: string }[] = await db.query(
    `select target_id, currency, sum(amount)::text as used from approval.limit_use
     where limit_name = $1 and target_id = any($2) group by target_id, currency`,
    [question.limit.name, totals.map(({ targetId }) => targetId)],
  )
  const used = new Map(rows.map(row => [`${row.target_id} ${row.currency}`, Number(row.used)]))
  return totals.map(one => {
    const before = used.get(`${one.targetId} ${one.amount.currency}`) ?? 0
    return status(LimitScope.PER_ORDER_CUMULATIVE, question, one, before, grants)
  })
}

async function perPerson(db: EntityManager, question: LimitQuestion, grants: Grants): Promise<LimitStatus[]> {
  const { limit, identity, measured, now } = question
  const rows: { currency: string; used: string }[] = await db.query(
    `select currency, sum(amount)::text as used from approval.limit_use
     where limit_name = $1 and person_id = $2 and used_at > $3 group by currency`,
    [limit.name, identity.personId, new Date(now.getTime() - DAY_MS)],
  )
  const used = new Map(rows.map(row => [row.currency, Number(row.used)]))
  return overAll(measured).map(one =>
    status(LimitScope.PER_AGENT_ROLLING_24H, question, one, used.get(one.amount.currency) ?? 0, grants),
  )
}

const OF: Record<LimitScope, string> = {
  PER_REFUND: 'for each',
  PER_ORDER_CUMULATIVE: 'in total on one order',
  PER_AGENT_ROLLING_24H: 'for a person within 24 hours',
}

/** Why a limit does not let it pass alone; null when it does. */
export function exceeded({ scope, currency, limit, used, asked }: LimitStatus): string | null {
  if (limit === null) return `No limit ${OF[scope]} is set for ${currency}.`
  if (used + asked <= limit) return null
  const shown = (amount: number) => format({ amount, currency })
  const of = used ? `, of which ${shown(used)} is used` : ''
  return `${shown(asked)} is above the limit of ${shown(limit)} ${OF[scope]}${of}.`
}

/** Keys to lock before limits are read to be used: each person and each target once, whichever orders a person works on at the same time. */
export const limitLocks = ({ limit, identity, measured }: LimitQuestion): string[] =>
  [identity.personId, ...measured.map(({ targetId }) => targetId)].map(id => `${limit.name}/${id}`)

/** Notes what a person did alone under a limit, beside the event that did it. */
export async function chargeLimits(
  tx: EntityManager,
  { limit, identity, measured, now }: LimitQuestion,
  eventId: number,
): Promise<void> {
  const uses = totalled(measured).filter(({ amount }) => amount.amount > 0)
  await tx.query(
    `insert into approval.limit_use (event_id, limit_name, person_id, target_id, currency, amount, used_at)
     select $1, $2, $3, u.*, $4 from unnest($5::text[], $6::text[], $7::bigint[]) u`,
    [
      eventId,
      limit.name,
      identity.personId,
      now,
      uses.map(({ targetId }) => targetId),
      uses.map(({ amount }) => amount.currency),
      uses.map(({ amount }) => amount.amount),
    ],
  )
}

/** A sum that is more than a role may approve. */
export interface TooMuch {
  role: Role
  policy: PolicyKey
  asked: Sum
  /** Null: none in this currency. */
  limit: number | null
}

/** What stands between a role that approves up to a sum and all that is asked for; null when it may (X13). */
export async function approvalExceeded(
  db: EntityManager,
  { limit: { approves }, measured, now }: Pick<LimitQuestion, 'limit' | 'measured' | 'now'>,
  role: Role,
): Promise<TooMuch | null> {
  const policy = approves[role]
  if (!policy) return null
  const { value } = (await policiesInForce(db, [policy], now)).get(policy)!
  const sums = value as SumsByCurrency
  const over = overAll(measured)
    .map(({ amount }) => amount)
    .find(({ amount, currency }) => amount > (sums[currency] ?? 0))
  return over ? { role, policy, asked: over, limit: sums[over.currency] ?? null } : null
}

const inWords = (key: PolicyKey): string => {
  const value = POLICIES[key].default as LimitValue
  if (value === 'UNLIMITED') return `${key} (unlimited)`
  const sums = Object.entries(value).map(([currency, amount]) => format({ amount, currency }))
  return `${key} (${sums.join(', ') || 'nothing'})`
}

/** The policies that say how much, with what holds until somebody changes them. */
export function describeLimit({ alone, perPersonDay, approves }: Limit, approvers: string): string {
  const roles = Object.values(alone).map(inWords).join(', ')
  const partly = Object.values(approves).map(inWords).join(', ')
  const upTo = partly ? `, some up to a sum: ${partly}` : ''
  return `Alone up to policies, by default: for each and in total on one target ${roles}; for one person within 24 hours ${inWords(perPersonDay)}. Above them, or in another currency, ${approvers}${upTo}.`
}
