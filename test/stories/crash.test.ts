import { mkdtempSync, readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunningPostgres, startPostgres } from '#shared/postgres.js'
import { type Answer, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

const HOUR = 3_600_000

const REFUND = `mutation ($input: IssueRefundInput!) {
  issueRefund(input: $input) { replayed events { id type } userErrors { code } refund { id } } }`

/** One intention to refund: whatever happens, the same key. */
interface Intention {
  orderId: string
  key: string
  amount: number
}

/** Clients that send one thing each until it is answered; `errors` is what they were told meanwhile. */
class Crowd {
  readonly answered = new Map<string, Json>()
  readonly errors: string[] = []
  /** How often there was no answer at all. */
  silences = 0

  constructor(readonly fay: Person) {}

  async send(intention: Intention): Promise<boolean> {
    const { orderId, amount, key } = intention
    const input = { orderId, amount: usd(amount), reason: 'GOODWILL', idempotencyKey: key }
    const answer: Answer | null = await this.fay.send(REFUND, { input }).catch(() => null)
    if (!answer) this.silences++
    for (const { extensions } of answer?.errors ?? []) this.errors.push(extensions.code)
    const payload = answer?.data?.issueRefund
    if (!payload) return false
    expect(payload.userErrors).toEqual([])
    this.answered.set(key, payload)
    return true
  }

  /** Works the list off with twelve clients; each gives one up after the first failure, or tries on for as long as it takes. */
  async work(intentions: readonly Intention[], persistent: boolean): Promise<void> {
    const left = [...intentions]
    const client = async () => {
      for (let next = left.shift(); next; next = left.shift())
        while (!(await this.send(next)) && persistent) await sleep(50)
    }
    await Promise.all(Array.from({ length: 12 }, client))
  }
}

/** What is said by a product that never finds its database; begun first, because it takes its time. */
let hopeless: Promise<string>
beforeAll(async () => {
  const world = await World.prepare('never', {
    process: 'own',
    databaseUrl: 'postgresql://nobody:secret-word@127.0.0.1:9/opsgraph',
  })
  hopeless = world.start().then(
    () => 'it started',
    (error: Error) => error.message,
  )
})

/** The product dies, the database dies (R4, R7, R14): effects happen once, and everything that tells of them agrees. */
describe.each(['single', 'distributed'] as const)('after a crash (%s)', topology => {
  const dataDir = mkdtempSync(join(tmpdir(), 'opsgraph-crash-'))
  let postgres: RunningPostgres
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    postgres = await startPostgres({ dataDir })
    world = await World.open('crash', { topology, process: 'own', databaseUrl: postgres.url })
    people = await world.people()
  })
  afterAll(async () => {
    await world?.close()
    await postgres?.stop()
  })

  async function intentions(name: string, orders: number, each: number): Promise<Intention[]> {
    const orderIds = await Promise.all(
      Array.from({ length: orders }, (_, n) => paidOrder(people.shop, `${name}-${n}`, usd(1_000_00))),
    )
    return Array.from({ length: orders * each }, (_, n) => {
      const orderId = orderIds[n % orders]!
      return { orderId, key: `${name}-${n}`, amount: 1_00 + n }
    })
  }

  /** Log, rows and what clients were told agree to the cent, for every order. */
  async function expectLedgersToAgree(all: readonly Intention[], crowd: Crowd): Promise<void> {
    const orderIds = [...new Set(all.map(({ orderId }) => orderId))]
    const happened = await world.sql(
      `select 'evt_' || e.id as id, e.stream_id, e.version, e.idempotency_key as key, e.payload, p.pos
       from log.event e left join log.event_pos p on p.event_id = e.id
       where e.type = 'RefundIssued' and e.stream_id = any($1) order by e.id`,
      [orderIds],
    )
    expect(happened.map(({ key }) => key).sort()).toEqual(all.map(({ key }) => key).sort())
    const rows = await world.sql(
      `select o.id, o.version, (o.refunded ->> 'amount')::int as refunded, (o.refundable ->> 'amount')::int as refundable,
         (select count(*)::int from orders.refund r where r.order_id = o.id) as refunds,
         (select sum((r.amount ->> 'amount')::int)::int from orders.refund r where r.order_id = o.id) as rows,
         (select sum((e.payload -> 'amount' ->> 'amount')::int)::int from log.event e
            where e.stream_id = o.id and e.type = 'RefundIssued') as events,
         (select max(e.version) from log.event e where e.stream_id = o.id and e.stream_type = 'Order') as last
       from orders."order" o where o.id = any($1)`,
      [orderIds],
    )
    expect(rows).toHaveLength(orderIds.length)
    for (const row of rows) {
      const mine = all.filter(({ orderId }) => orderId === row.id)
      const sum = mine.reduce((total, { amount }) => total + amount, 0)
      expect(row).toMatchObject({
        refunded: sum,
        refundable: 1_000_00 - sum,
        rows: sum,
        events: sum,
        refunds: mine.length,
      })
      expect(row.version).toBe(row.last)
      const { order } = await people.fay.ask(
        'query ($id: ID!) { order(id: $id) { refunded { amount } refunds(first: 100) { totalCount } } }',
        { id: row.id },
      )
      expect(order).toEqual({ refunded: { amount: sum }, refunds: { totalCount: mine.length } })
    }
    const byKey = new Map(happened.map(event => [event.key, event.id]))
    for (const [key, { events }] of crowd.answered)
      expect(events).toEqual([{ id: byKey.get(key), type: 'RefundIssued' }])
  }

  async function expectLogToVerify(): Promise<void> {
    await until(async () => (await world.sql('select from log.event_unsealed')).length === 0)
    const { code, said } = await world.command('verify')
    expect(said).toContain('nothing found')
    expect(code).toBe(0)
  }

  test('of the product in the middle of 120 refunds, repeating them makes each happen exactly once', async () => {
    const all = await intentions('killed', 6, 20)
    const crowd = new Crowd(people.fay)
    const told = new Map<string, Json>()
    for (const enough of topology === 'single' ? [30, 80] : [45]) {
      const working = crowd.work(
        all.filter(({ key }) => !crowd.answered.has(key)),
        false,
      )
      await until(() => crowd.answered.size >= enough)
      await world.kill()
      await working
      for (const [key, payload] of crowd.answered) told.set(key, payload)
      await world.start()
    }
    expect(crowd.silences).toBeGreaterThan(0)
    expect(told.size).toBeLessThan(all.length)

    await crowd.work(all, true)
    expect(crowd.answered.size).toBe(all.length)
    for (const [key, before] of told) {
      expect(crowd.answered.get(key)).toMatchObject({
        replayed: true,
        events: before.events,
        refund: before.refund,
      })
    }
    expect(crowd.errors).toEqual([])
    await expectLedgersToAgree(all, crowd)
    await expectLogToVerify()
  })

  test('of the database, twice, in the middle of 120 refunds: told so, back by itself, nothing lost or doubled', async () => {
    const all = await intentions('dark', 6, 20)
    const crowd = new Crowd(people.fay)
    const status: number[] = []
    let watching = true
    const watch = (async () => {
      while (watching) {
        status.push((await fetch(`${world.url}/readyz`)).status, (await fetch(`${world.url}/livez`)).status)
        await sleep(50)
      }
    })()
    const working = crowd.work(all, true)
    for (const enough of [30, 70]) {
      await until(() => crowd.answered.size >= enough)
      process.kill(
        Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
        'SIGKILL',
      )
      const killed = Date.now()
      const before = crowd.answered.size
      await until(() => crowd.answered.size > before + 12)
      expect(Date.now() - killed).toBeLessThan(10_000)
    }
    await working
    watching = false
    await watch

    expect(world.isAlive).toBe(true)
    expect(crowd.errors.length).toBeGreaterThan(0)
    expect(new Set(crowd.errors)).toEqual(new Set(['STORAGE_UNAVAILABLE']))
    expect(crowd.silences).toBe(0)
    expect(new Set(status)).toEqual(new Set([200, 503]))
    expect(status.filter((_, n) => n % 2 === 1).every(alive => alive === 200)).toBe(true)
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200)
    await expectLedgersToAgree(all, crowd)
    await expectLogToVerify()
  })

  // The kernel runs the same reactions in both; the restarts that this takes are slow as seven processes.
  if (topology === 'distributed') return
  test('what was due later is done later: a request for approval runs out, once, by an event', async () => {
    const orderId = await paidOrder(people.shop, 'late')
    const ask = { orderId, amount: usd(120_00), reason: 'GOODWILL', idempotencyKey: 'late' }
    const { approval } = await people.sam.act('issueRefund', ask)
    await world.kill()
    const events = async () =>
      (
        await world.sql('select type, actor_kind from log.event where stream_id = $1 order by version', [
          approval.id,
        ])
      ).map(({ type, actor_kind }) => `${type} by ${actor_kind}`)
    await world.start(clockAheadBy(71 * HOUR))
    await sleep(1_500)
    expect(await events()).toEqual(['ApprovalRequested by STAFF'])
    await world.kill()
    await world.start(clockAheadBy(73 * HOUR))
    await until(async () => (await events()).length > 1)
    await sleep(500)
    expect(await events()).toEqual(['ApprovalRequested by STAFF', 'ApprovalExpired by SYSTEM'])
    const late = await people.fay.act('approveIssueRefund', { approvalId: approval.id })
    expect(late.userErrors).toMatchObject([{ code: 'APPROVAL_NOT_PENDING', facts: { state: 'EXPIRED' } }])
    await expectLogToVerify()
  })
})

/** Every clock of the product goes ahead: what `Date` tells, in all of its processes. */
function clockAheadBy(ms: number): Record<string, string> {
  const shift = `const R = Date; globalThis.Date = class Date extends R {
    constructor(...a) { a.length ? super(...a) : super(R.now() + ${ms}) } static now() { return R.now() + ${ms} } }`
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` }
}

/** A door in front of a database, to be opened and closed. */
class Door {
  readonly #server: Server
  port = 0

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#server = createServer(outside => {
      const inside = connect(`${decodeURIComponent(hostname)}/.s.PGSQL.${port}`)
      for (const [one, other] of [[outside, inside] as const, [inside, outside] as const])
        one
          .on('error', () => other.destroy())
          .on('close', () => other.destroy())
          .pipe(other)
    })
  }
  open(port = 0): Promise<void> {
    return new Promise(resolve =>
      this.#server.listen(port, '127.0.0.1', () => {
        this.port = (this.#server.address() as { port: number }).port
        resolve()
      }),
    )
  }
  close(): Promise<void> {
    return new Promise(resolve => this.#server.close(() => resolve()))
  }
}

describe('with the database away at the start', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'opsgraph-away-'))
  let postgres: RunningPostgres
  let world: World
  let door: Door | undefined

  beforeAll(async () => {
    postgres = await startPostgres({ dataDir, test: true })
  })
  afterAll(async () => {
    await world?.close()
    await door?.close()
    await postgres?.stop()
  })

  test('the product waits for it, says so, and starts when it is there', async () => {
    const closed = new Door(postgres.url)
    await closed.open()
    await closed.close()
    const { username, password, pathname } = new URL(postgres.url)
    const databaseUrl = `postgresql://${username}:${password}@127.0.0.1:${closed.port}${pathname}`
    world = await World.prepare('away', { process: 'own', databaseUrl })
    const starting = world.start()
    await until(() => world.output.includes('Waiting for the database'))
    await sleep(1_000)
    door = new Door(postgres.url)
    await door.open(closed.port)
    await starting
    const { sam } = await world.people()
    expect((await sam.ask('{ me { id } }')).me.id).toBe(sam.id)
  })

  test('or gives up after half a minute, with a word on where it looked, and without the password', async () => {
    const said = await hopeless
    expect(said).toMatch(/ended with 1/)
    expect(said).toMatch(/127\.0\.0\.1:9\b/)
    expect(said).not.toContain('secret-word')
    expect(said).not.toMatch(/\n\s+at /)
  })
})
