import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { InputType } from 'type-graphql'
import { cloneDatabase } from '#kit/cluster.js'
import { openTestServices } from '#kit/services.js'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { aggregate } from '#shared/aggregate.js'
import { ANONYMOUS } from '#shared/identity.js'
import { type Limit, limitStatuses } from '#shared/limits.js'
import type { Sum } from '#shared/money.js'
import { perform } from '#shared/perform.js'
import { POLICIES, POLICY_KEYS, policyValue, readPolicyValue } from '#shared/policies.js'
import { evaluate, recentSignIn, upTo } from '#shared/policy.js'
import { Role } from '#shared/roles.js'
import { ROOT } from '#shared/root.js'
import { HERE, type Services } from '#shared/services.js'

/** A limit for a decision that gives back on several targets at once. */
const limit: Limit = {
  name: 'refund.limit',
  description: 'How much may be refunded without a second person.',
  alone: { [Role.SUPPORT_AGENT]: 'refund.limit.SUPPORT_AGENT' },
  perPersonDay: 'refund.limit.perAgentDay',
  approves: {},
}

interface Given {
  targetId: string
  amount: Sum
}
const many = aggregate<null, { ManyGiven: { given: Given[] } }>({
  type: 'Many',
  prefix: 'mny',
  initial: null,
  evolve: {},
})

@InputType('GiveManyInput', { description: 'For this test.' })
class GiveManyInput extends ActionInput {
  given!: Given[]
}

const giveMany = action({
  name: 'giveMany',
  description: 'Gives back on several targets at once.',
  input: GiveManyInput,
  reasons: { TEST: 'For this test.' },
  risk: 'SENSITIVE',
  on: many,
  allow: [Role.SUPPORT_AGENT],
  policy: upTo(limit, null, [Role.FINANCE_ADMIN]),
  measure: ([happening]) => happening!.data.given,
  decide: (_state, { given }) => (given.length ? { type: 'ManyGiven', data: { given } } : []),
  emits: ['ManyGiven'],
  returns: {},
})

const NOW = new Date('2026-05-04T10:00:00.000Z')
const usd = (targetId: string, amount: number): Given => ({ targetId, amount: { amount, currency: 'USD' } })

/** E100, X14: one mutation may give back on several orders; each is counted by itself, and all of them for who did it. */
describe('a decision about several targets', () => {
  let opened: Awaited<ReturnType<typeof openTestServices>>
  let services: Services

  beforeAll(async () => {
    const url = await cloneDatabase('measure')
    opened = await openTestServices(url, [], () => NOW)
    services = opened.services
  })
  afterAll(async () => {
    await opened?.stop()
  })

  const identity = (personId: string) => ({
    ...ANONYMOUS,
    kind: 'STAFF' as const,
    personId,
    roles: [Role.SUPPORT_AGENT],
  })

  const give = async (personId: string, ...given: Given[]): Promise<string> => {
    const { userErrors, approval, events } = await perform(
      { action: giveMany, subgraph: 'orders', views: [] },
      { given, reason: 'TEST' } as never,
      { services, identity: identity(personId), requestId: randomUUID(), ...HERE },
    )
    expect(userErrors).toEqual([])
    return approval ? 'APPROVAL' : (events[0]?.type ?? 'NOTHING')
  }

  test('counts each by itself', async () => {
    expect(await give('stf_a', usd('ord_1', 100_00), usd('ord_2', 100_00))).toBe('ManyGiven')
    expect(await give('stf_b', usd('ord_2', 1), usd('ord_3', 1))).toBe('APPROVAL')
    expect(await give('stf_b', usd('ord_3', 60_00), usd('ord_3', 40_01))).toBe('APPROVAL')
    expect(await give('stf_b', usd('ord_3', 60_00), usd('ord_3', 40_00))).toBe('ManyGiven')
    expect(await give('stf_b', usd('ord_4', 100_01))).toBe('APPROVAL')
    expect(await give('stf_b')).toBe('NOTHING')
    const rows = await services.db.query(
      'select target_id, person_id, amount::int from approval.limit_use order by target_id',
    )
    expect(rows).toEqual([
      { target_id: 'ord_1', person_id: 'stf_a', amount: 100_00 },
      { target_id: 'ord_2', person_id: 'stf_a', amount: 100_00 },
      { target_id: 'ord_3', person_id: 'stf_b', amount: 100_00 },
    ])
  })

  test('counts all of them for the person', async () => {
    const six = Array.from({ length: 6 }, (_, n) => usd(`ord_six_${n}`, 90_00))
    expect(await give('stf_c', ...six)).toBe('APPROVAL')
    expect(await give('stf_c', ...six.slice(1))).toBe('ManyGiven')
    const statuses = await limitStatuses(services.db.manager, {
      limit,
      identity: identity('stf_c'),
      measured: [usd('ord_six_1', 0)],
      now: NOW,
    })
    expect(statuses).toMatchObject([
      { scope: 'PER_REFUND', used: 0, limit: 100_00 },
      { scope: 'PER_ORDER_CUMULATIVE', used: 90_00 },
      { scope: 'PER_AGENT_ROLLING_24H', used: 450_00 },
    ])
  })

  test('two people with overlapping targets in any order neither pass the limit nor wait for each other for ever', async () => {
    const targets = Array.from({ length: 4 }, (_, n) => `ord_cross_${n}`)
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => {
        const [a, b] = [targets[n % 4]!, targets[(n * 3 + 1) % 4]!]
        return give(`stf_cross_${n % 6}`, usd(a, 20_00), usd(b, 20_00))
      }),
    )
    expect(answers).toContain('APPROVAL')
    const rows: { target_id: string; sum: number }[] = await services.db.query(
      `select target_id, sum(amount)::int from approval.limit_use where target_id like 'ord_cross%' group by 1`,
    )
    for (const { sum } of rows) expect(sum).toBeLessThanOrEqual(100_00)
    expect(rows.reduce((all, { sum }) => all + sum, 0)).toBeGreaterThan(200_00)
  })

  test('a sign-in ages by the real clock, wherever the other one was moved', async () => {
    const hour = 3600
    const who = { ...identity('stf_a'), authenticatedAt: NOW.getTime() / 1000 - 2 * hour }
    const asked = (signIn: number, moved: number) =>
      evaluate(recentSignIn(signIn), services.db.manager, {
        identity: who,
        targetId: '',
        input: {},
        now: new Date(NOW.getTime() + moved * hour * 1000),
        wall: NOW,
      })
    expect((await asked(3 * hour, 1000)).effect).toBe('ALLOW')
    expect((await asked(hour, -1000)).effect).toBe('STEP_UP')
  })

  test('values are read as of a moment, and defaults are of their own form', async () => {
    for (const key of POLICY_KEYS) {
      expect(await policyValue(services.db.manager, key, NOW)).toEqual(POLICIES[key].default)
      expect(readPolicyValue(key, POLICIES[key].default)).toEqual({ value: POLICIES[key].default })
    }
  })

  test('every policy stands in the guide (X26)', () => {
    const guide = readFileSync(join(ROOT, 'docs/guide/policies.md'), 'utf8')
    expect(POLICY_KEYS.filter(key => !guide.includes(`\`${key}\``))).toEqual([])
  })
})
