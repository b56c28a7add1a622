import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { clockOf } from '#shared/clock.js'
import { type ConfigError, loadConfig } from '#shared/config.js'
import { paidOrder, until, usd, World } from '../kit/world.js'

const HOUR = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'opsgraph-clock-'))
const file = join(folder, 'clock')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('a clock that tests can move', () => {
  test('is set by a file that holds milliseconds', () => {
    writeFileSync(file, '5000\n')
    expect(loadConfig({ TEST_CLOCK_FILE: file }).testClockFile).toBe(file)
    expect(loadConfig({}).testClockFile).toBeUndefined()
  })

  test.each(['', 'soon', '1.5', '1e3', '99999999999999999999'])('is refused when it holds %j', text => {
    writeFileSync(file, text)
    expect(problemsOf({ TEST_CLOCK_FILE: file })).toEqual([
      `TEST_CLOCK_FILE is ${JSON.stringify(file)}; it has to be a file that holds a whole number: the milliseconds to add to the clock`,
    ])
  })

  test('is refused when there is no such file, and in production always', () => {
    expect(problemsOf({ TEST_CLOCK_FILE: join(folder, 'none') })).toHaveLength(1)
    writeFileSync(file, '0')
    const problems = problemsOf({
      OPSGRAPH_MODE: 'production',
      DATABASE_URL: 'postgresql://app:secret@db.internal:5432/opsgraph',
      JWKS_URL: 'https://login.example/keys',
      JWT_ISSUER: 'https://login.example/',
      JWT_AUDIENCE: 'opsgraph',
      MAIL: 'off',
      SCANNER_URL: 'none',
      TEST_CLOCK_FILE: file,
    })
    expect(problems).toEqual(['TEST_CLOCK_FILE is set; production goes by the real clock, so leave it out'])
  })

  test('moves while it runs, and keeps its time while the file is being written', () => {
    writeFileSync(file, '0')
    const clock = clockOf(file)
    const ahead = () => Math.round((clock().getTime() - Date.now()) / 1000)
    expect(ahead()).toBe(0)
    writeFileSync(file, String(-60_000))
    expect(ahead()).toBe(-60)
    writeFileSync(file, '')
    expect(ahead()).toBe(-60)
    writeFileSync(file, '3600000')
    expect(ahead()).toBe(3600)
  })
})

describe.each(['single', 'distributed'] as const)('the clock of a running Opsgraph (%s)', topology => {
  test('moves events, approvals and what is due, never tokens or sign-ins', async () => {
    const world = await World.open(`clock_${topology}`, { topology })
    try {
      const { ada, sam, shop } = await world.people()
      const orderId = await paidOrder(shop, 'clock')
      const refund = { orderId, amount: usd(120_00), reason: 'GOODWILL', idempotencyKey: 'a' }
      const { approval } = await sam.act('issueRefund', refund)
      world.advance(71 * HOUR)
      const still = await sam.ask('query ($id: ID!) { approval(id: $id) { state expiresAt } }', approval)
      expect(still.approval.state).toBe('PENDING')
      const left = Date.parse(still.approval.expiresAt) - world.now.getTime()
      expect(left).toBeGreaterThan(0.9 * HOUR)
      expect(left).toBeLessThanOrEqual(HOUR)

      // 71 hours on, a sign-in of some seconds is still fresh: who proved who they are did so a moment ago.
      const grant = { staffId: sam.id, role: 'RISK_AGENT', reason: 'COVER', idempotencyKey: 'b' }
      expect((await ada.act('grantRole', grant)).userErrors).toEqual([])
      const { event } = await lastEvent(world)
      expect(Math.abs(event.getTime() - world.now.getTime())).toBeLessThan(60_000)

      world.advance(2 * HOUR)
      const stateOf = async () =>
        (await sam.ask('query ($id: ID!) { approval(id: $id) { state } }', approval)).approval.state
      expect(await until(async () => (await stateOf()) === 'EXPIRED')).toBe(true)
    } finally {
      await world.close()
    }
  })
})

async function lastEvent(world: World): Promise<{ event: Date }> {
  const [row] = await world.sql<{ at: Date }>('select at from log.event order by id desc limit 1')
  return { event: row!.at }
}
