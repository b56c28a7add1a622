import pg from 'pg'
import { BY_TEST } from '#kit/cluster.js'
import { type Json, type Person, until, type World } from '../kit/world.js'

export const WORKFLOW = `id kind state step waitsFor dueAt because graceExtended evidence { id kind from state }
  error { code message } steps { key name state waitsFor dueAt result error { code message } }`

/** A workflow, as anybody sees it. */
export async function workflowOf(who: Person, id: string): Promise<Json> {
  const { workflow } = await who.ask(`query ($id: ID!) { workflow(id: $id) { ${WORKFLOW} } }`, { id })
  return workflow
}

/** The workflow, once it stands there. */
export async function whenIt(
  who: Person,
  id: string,
  stands: (found: Json) => boolean,
  ms = 20_000,
): Promise<Json> {
  let seen: Json = {}
  try {
    return (await until(async () => {
      seen = await workflowOf(who, id)
      return seen && stands(seen) && seen
    }, ms)) as Json
  } catch {
    throw new Error(`${id} never came to that; it is ${JSON.stringify(seen)}`)
  }
}

export const isAt = (step: string, state: string) => (found: Json) =>
  found.step === step && found.state === state
export const isOver = (found: Json) => ['DONE', 'COMPENSATED', 'ABANDONED'].includes(found.state)

/** What happened to some ids, oldest first: types only. */
export async function happened(world: World, ids: readonly string[]): Promise<string[]> {
  const rows = await world.sql('select type from log.event where stream_id = any($1) order by id', [ids])
  return rows.map(({ type }) => type)
}

/** How often each type of event mentions an id. */
export async function countsAbout(world: World, id: string): Promise<Record<string, number>> {
  const rows = await world.sql(
    'select type, count(*)::int as n from log.event where $1 = any(refs) or stream_id = $1 group by type',
    [id],
  )
  return Object.fromEntries(rows.map(({ type, n }) => [type, n]))
}

const TABLE = `'orders.workflow'::regclass`

/**
 * Catches whoever is about to write down what came of a step: its effect is there, and not committed. While it is shut nobody gets
 * through; `pass` lets exactly one through, since PostgreSQL serves those who wait for a lock in turn.
 */
export class Gate {
  private constructor(
    private readonly world: World,
    private holder: pg.Client,
  ) {}

  static async shut(world: World): Promise<Gate> {
    // One that was left shut by a try that failed.
    await world.sql(
      `select pg_terminate_backend(pid) from pg_locks where relation = ${TABLE} and granted and mode = 'ExclusiveLock'`,
    )
    return new Gate(world, await locking(world))
  }

  /** Waits until somebody stands in front of it. */
  async caught(): Promise<void> {
    await until(async () => (await this.waiting()).length > 0)
  }

  private waiting(): Promise<{ pid: number }[]> {
    return this.world.sql<{ pid: number }>(
      `select distinct pid from pg_locks where relation = ${TABLE} and not granted`,
    )
  }

  /** The server notices late that a client died while it waits for a lock. */
  async clear(): Promise<void> {
    await this.world.sql(
      `select pg_terminate_backend(pid) from pg_locks where relation = ${TABLE} and not granted`,
    )
    await until(async () => (await this.waiting()).length === 0)
  }

  /** Lets one through, and is shut again. */
  async pass(): Promise<void> {
    const next = locking(this.world)
    await until(async () => (await this.waiting()).length > 1)
    await this.holder.end()
    this.holder = await next
  }

  async open(): Promise<void> {
    await this.holder.end()
  }
}

async function locking(world: World): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: world.databaseUrl, ...BY_TEST })
  client.on('error', () => {})
  await client.connect()
  await client.query('begin')
  await client.query('lock table orders.workflow in exclusive mode')
  return client
}

/**
 * Takes the product, or its connections to the database, away in the middle of what it does next to a workflow, after the effect and
 * before the commit; then lets that one thing happen. A start costs seconds, so that only every third of several deaths is the product's.
 */
export async function crashOnce(world: World, gate: Gate, nth = 0): Promise<void> {
  await gate.caught()
  const isPowerCut = nth % 3 === 0
  if (isPowerCut) await world.kill()
  await gate.clear()
  if (isPowerCut) await world.start()
  await gate.caught()
  await gate.pass()
}

const DAY = 86_400_000

/** Noon (UTC) of the first such day of the week, 0 for Sunday, that begins after a moment. */
export function noonOf(weekday: number, after: Date): Date {
  const noon = new Date(after)
  noon.setUTCHours(12, 0, 0, 0)
  do noon.setTime(noon.getTime() + DAY)
  while (noon.getUTCDay() !== weekday)
  return noon
}

export const daysAfter = (start: Date, days: number): Date => new Date(start.getTime() + days * DAY)

/** Moves the product's clock to a moment. */
export const goTo = (world: World, to: Date): void => world.advance(to.getTime() - world.now.getTime())

/** Two Super Admins change a rule. */
export async function setPolicy(
  { ada, otto }: Record<'ada' | 'otto', Person>,
  key: string,
  value: unknown,
): Promise<void> {
  const asked = await ada.act('changePolicy', { key, value, reason: 'RULES_CHANGED' }, 'approval { state }')
  if (asked.approval.state !== 'PENDING') throw new Error(JSON.stringify(asked))
  const { userErrors } = await otto.act('approveChangePolicy', { approvalId: asked.approval.id })
  if (userErrors.length) throw new Error(JSON.stringify(userErrors))
}

/** Records a parcel of an order. */
export async function parcel(shop: Person, order: string, status: string, more: Json = {}): Promise<void> {
  const record = { source: 'shop', externalId: `s-${order}`, order, status, ...more }
  const { problems } = await shop.record('shipments', [record])
  if (problems.length) throw new Error(JSON.stringify(problems))
}
