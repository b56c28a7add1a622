import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { developmentToken } from '#gateway/identity.js'
import { TIED } from '#gateway/lifecycle.js'
import { loadConfig } from '#shared/config.js'
import { externalId } from '#shared/id.js'
import { type Keys, loadKeys } from '#shared/keys.js'
import { ROOT } from '#shared/root.js'
import { BY_TEST, cloneDatabase, cutOff } from './cluster.js'
import { HOSTED_COMMANDS, type Hosted, runHosted, startHosted } from './hosts.js'

// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of any shape
export type Json = Record<string, any>

/** What GraphQL answered, with the HTTP status. */
export interface Answer {
  status: number
  data: Json | null
  errors?: { message: string; path?: (string | number)[]; extensions: Json }[]
}

/** What an answer says while a machine has more to do than it can. */
const BUSY = ['STORAGE_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE']

/** Far longer than a start takes on a busy machine. */
const START_MS = 90_000

const PAYLOAD =
  'events { id type version } replayed dryRun approval { id } userErrors { code message field facts }'

/** Somebody with a token, asking through the gateway over HTTP as anybody would. */
export class Person {
  constructor(
    readonly world: World,
    readonly id: string,
    readonly token: string | null,
  ) {}

  /** Sends a document, answers whatever came back. */
  async send(query: string, variables: Json = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.world.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    })
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) }
  }

  /** Asks and expects an answer without errors. What may be repeated is, while the database is busy, as any client would. */
  async ask(query: string, variables: Json = {}, mayRepeat = !query.startsWith('mutation')): Promise<Json> {
    for (let tries = mayRepeat ? 40 : 1; ; tries--) {
      const { data, errors } = await this.send(query, variables)
      if (data && !errors?.length) return data
      const isBusy = errors?.every(({ extensions }) => BUSY.includes(extensions.code))
      if (!isBusy || tries === 1) throw new Error(`${this.id}: ${JSON.stringify(errors)}\n${query}`)
      await sleep(500)
    }
  }

  /** Runs a mutation and answers its payload; `selection` is what else of the payload is wanted. */
  async act(mutation: string, input: Json, selection = ''): Promise<Json> {
    const type =
      mutation.startsWith('approve') && mutation !== 'approve' ? 'ApproveInput' : `${capital(mutation)}Input`
    const data = await this.ask(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${PAYLOAD} ${selection} } }`,
      { input },
      Boolean(input.idempotencyKey),
    )
    return data[mutation]
  }

  /** Records a batch as the marketplace does. */
  async record(plural: string, records: Json[], dryRun = false): Promise<Json> {
    const mutation = `record${capital(plural)}`
    const type = `${capital(plural.slice(0, -1))}RecordInput`
    const data = await this.ask(
      `mutation ($records: [${type}!]!, $dryRun: Boolean!) { ${mutation}(records: $records, dryRun: $dryRun)
        { created updated unchanged dryRun problems { index externalId field message } } }`,
      { records, dryRun },
      true,
    )
    return data[mutation]
  }
}

const capital = (name: string) => name[0]!.toUpperCase() + name.slice(1)

/** How a test wants Opsgraph started. */
export interface WorldOptions {
  /** One process (default), or the gateway and six subgraphs as seven. */
  topology?: 'single' | 'distributed'
  /** Processes of its own, as `npm start` makes them: for `kill -9`. Otherwise the worker's host runs it. */
  process?: 'own'
  env?: Record<string, string>
  /** A database that the test brings; otherwise it gets one of its own. */
  databaseUrl?: string
}

/** A running Opsgraph with a database of its own, and the people of every role. */
export class World {
  url = ''
  #process?: ChildProcess
  #pool?: pg.Pool
  #hosted?: Hosted
  #ahead = 0
  #output = ''

  private constructor(
    readonly databaseUrl: string,
    readonly keysDir: string,
    readonly keys: Keys,
    private readonly options: WorldOptions,
  ) {}

  static async open(name: string, options: WorldOptions = {}): Promise<World> {
    const world = await World.prepare(name, options)
    await world.start()
    return world
  }

  /** Has a database and keys, and is not started. */
  static async prepare(name: string, options: WorldOptions = {}): Promise<World> {
    const keysDir = mkdtempSync(join(tmpdir(), 'opsgraph-keys-'))
    const keys = await loadKeys({ mode: 'development', keysDir })
    const world = new World(options.databaseUrl ?? (await cloneDatabase(name)), keysDir, keys, options)
    world.advance(0)
    return world
  }

  /** Starts the product on any free port; `env` counts for this start only. */
  async start(env: Record<string, string> = {}): Promise<void> {
    const { topology = 'single' } = this.options
    if (this.options.process !== 'own') {
      const testFile = expect.getState().testPath!
      const hosted = await startHosted({ testFile, topology, env: this.#settings(env) })
      this.#hosted = hosted
      this.url = hosted.url
      return
    }
    this.#process = this.#spawn([topology === 'single' ? 'start' : 'start:distributed'], env)
    this.url = await this.#ready(this.#process)
  }

  /** Moves the product's clock on, in all its processes; tokens and sign-ins keep the real one. What is due then runs within a second. */
  advance(ms: number): void {
    this.#ahead += ms
    writeFileSync(`${this.#clockFile}.new`, String(this.#ahead))
    renameSync(`${this.#clockFile}.new`, this.#clockFile)
  }

  /** What the product's clock says. */
  get now(): Date {
    return new Date(Date.now() + this.#ahead)
  }

  get #clockFile(): string {
    return join(this.keysDir, 'clock')
  }

  /** Runs a command of `opsgraph` on this world's database, e.g. `verify`. */
  async command(...words: string[]): Promise<{ code: number | null; said: string }> {
    const command = HOSTED_COMMANDS.find(known => known === words.join(' '))
    if (command && this.options.process !== 'own')
      return runHosted({ testFile: expect.getState().testPath!, env: this.#settings({}), command })
    const child = this.#spawn(words)
    let said = ''
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (said += text))
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    return { code, said }
  }

  /** In a process group of its own when it is several processes, so that all of them can be killed at once. */
  #spawn(words: string[], env: Record<string, string> = {}): ChildProcess {
    const { topology = 'single' } = this.options
    return spawn(process.execPath, [join(ROOT, 'dist/cli/index.js'), ...words], {
      // So that nothing is left of a test run that was killed.
      env: { ...process.env, ...this.#settings(env), [TIED]: 'true' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: topology === 'distributed',
    })
  }

  #settings(env: Record<string, string>): Record<string, string> {
    return {
      DATABASE_URL: this.databaseUrl,
      KEYS_DIR: this.keysDir,
      DATA_DIR: this.keysDir,
      PORT: '0',
      DEMO: 'false',
      TEST_CLOCK_FILE: this.#clockFile,
      POOL_SIZE: this.options.topology === 'distributed' ? '6' : '12',
      ...this.options.env,
      ...env,
    }
  }

  #ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Opsgraph did not start:\n${this.#output}`)), START_MS)
      late.unref()
      const lines = createInterface({ input: child.stdout! })
      lines.on('line', line => {
        this.#output += `${line}\n`
        const url = /GraphQL\s+(http:\S+)\/graphql/.exec(line)?.[1]
        if (url) resolve(url)
      })
      child.stderr!.on('data', (text: Buffer) => (this.#output += text))
      child.once('exit', code => reject(new Error(`Opsgraph ended with ${code}:\n${this.#output}`)))
    })
  }

  /** A person by the id of their record; all roles have one: `person('stf_sam')`. */
  async person(id: string): Promise<Person> {
    const config = loadConfig({ DATABASE_URL: this.databaseUrl, KEYS_DIR: this.keysDir })
    return new Person(this, id, await developmentToken(config, this.keys, id))
  }

  /** Everybody that stories need, by first name. */
  async people() {
    const ids = [
      'stf_sam',
      'stf_lea',
      'stf_rita',
      'stf_rolf',
      'stf_fay',
      'stf_finn',
      'stf_cato',
      'stf_ada',
      'stf_otto',
      'stf_aldo',
      'svc_shop',
    ]
    const [sam, lea, rita, rolf, fay, finn, cato, ada, otto, aldo, shop] = (await Promise.all(
      ids.map(id => this.person(id)),
    )) as [Person, Person, Person, Person, Person, Person, Person, Person, Person, Person, Person]
    return {
      sam,
      lea,
      rita,
      rolf,
      fay,
      finn,
      cato,
      ada,
      otto,
      aldo,
      shop,
      nobody: new Person(this, 'nobody', null),
    }
  }

  /** What the database holds, seen by its superuser: past everything that the product would say. */
  async sql<Row extends Json = Json>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (!this.#pool) {
      this.#pool = new pg.Pool({ connectionString: this.databaseUrl, allowExitOnIdle: true, ...BY_TEST })
      this.#pool.on('error', () => {})
    }
    const { rows } = await this.#pool.query<Row>(text, values)
    return rows
  }

  /** What it printed since it was started, on stdout and stderr. */
  get output(): string {
    return this.#hosted?.said() ?? this.#output
  }

  /** Whether the product still runs. */
  get isAlive(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  /**
   * Ends it without a word, as a power cut would: processes of its own by `kill -9`; a hosted one loses its connections, and whatever it
   * was about to commit, for good.
   */
  async kill(): Promise<void> {
    if (!this.#hosted) return this.#end('SIGKILL')
    const reconnect = await cutOff(this.databaseUrl)
    await this.#hosted.stop().catch(() => {})
    this.#hosted = undefined
    await reconnect()
  }

  async close(): Promise<void> {
    await this.#hosted?.stop()
    this.#hosted = undefined
    await this.#end('SIGTERM')
    await this.#pool?.end()
    this.#pool = undefined
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || !this.isAlive) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    if (signal === 'SIGKILL' && this.options.topology === 'distributed') process.kill(-child.pid!, signal)
    else child.kill(signal)
    await gone
  }
}

export const usd = (amount: number) => ({ amount, currency: 'USD' })

/** The global id of a recorded entity. */
export const idOf = (prefix: string, external: string, source = 'shop'): string =>
  externalId(prefix, source, external)

/** A checkout of one paid order, as the marketplace would record it; answers the order's global id. */
export async function paidOrder(
  shop: Person,
  external: string,
  paid = usd(150_00),
  more: Json = {},
): Promise<string> {
  const record = {
    source: 'shop',
    externalId: `c-${external}`,
    buyer: 'buyer-1',
    placedAt: '2026-04-22T14:03:00.000Z',
    orders: [{ externalId: external, seller: 'seller-1', lines: [{ title: 'Lamp', unitPrice: paid }] }],
    payment: { externalId: `p-${external}`, amount: paid },
    ...more,
  }
  const { problems } = await shop.record('checkouts', [record])
  if (problems.length) throw new Error(JSON.stringify(problems))
  return idOf('ord', external)
}

/** Asks again and again until there is an answer, less often the longer it takes; what is never so fails the test. */
export async function until<T>(ask: () => Promise<T> | T, ms = 60_000): Promise<T> {
  const end = Date.now() + ms
  for (let wait = 10; ; wait = Math.min(wait * 1.3, 200)) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`It did not come to that within ${ms} ms: ${ask}`)
    await sleep(wait)
  }
}
