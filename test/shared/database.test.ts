import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DataSource } from 'typeorm'
import { MIGRATIONS } from '#gateway/migrations.js'
import { cloneDatabase, clusterUrl, emptyDatabase } from '#kit/cluster.js'
import {
  connectionOptions,
  type DatabaseOptions,
  isStorageError,
  migrate,
  openDatabase,
  ping,
  waitForDatabase,
} from '#shared/database.js'
import { createLogger } from '#shared/log.js'
import { ROOT } from '#shared/root.js'

const log = createLogger({ logLevel: 'silent' }, 'test')
const sources: DataSource[] = []

const open = async (url: string, options: Partial<DatabaseOptions> = {}): Promise<DataSource> => {
  const source = await openDatabase({ url, entities: [], poolSize: 4, role: null, log, ...options })
  sources.push(source)
  return source
}

afterEach(async () => {
  await Promise.all(sources.splice(0).map(source => source.destroy().catch(() => {})))
})

const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  const result = await work.then(
    () => null,
    error => error,
  )
  if (!result) throw new Error('it should have failed')
  return result
}

describe('migrate', () => {
  let base: string
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'opsgraph-migrations-'))
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  const folder = (name: string, files: Record<string, string>) => {
    const dir = join(base, name)
    mkdirSync(dir, { recursive: true })
    for (const [file, sql] of Object.entries(files)) writeFileSync(join(dir, file), sql)
    return { name, dir }
  }

  const ran = async (url: string) =>
    (
      await ask(url, 'SELECT folder, file FROM public.opsgraph_migration ORDER BY applied_at, folder, file')
    ).map(({ folder, file }) => `${folder}/${file}`)

  test('runs the folders in their order, the files in the order of their numbers, each once', async () => {
    const url = await emptyDatabase('migrate_order')
    const folders = [
      folder('first', {
        '0002-b.sql': 'INSERT INTO step VALUES (2)',
        '0001-a.sql': 'CREATE TABLE step (n int)',
      }),
      { name: 'none', dir: join(base, 'nowhere') },
      folder('second', { '0001-c.sql': 'INSERT INTO step VALUES (3); INSERT INTO step VALUES (4)' }),
    ]
    const seen: string[] = []
    const count = await migrate(url, folders, ({ folder, file, done, total }) =>
      seen.push(`${done}/${total} ${folder}/${file}`),
    )
    expect(count).toBe(3)
    expect(seen).toEqual(['1/3 first/0001-a.sql', '2/3 first/0002-b.sql', '3/3 second/0001-c.sql'])
    expect(await migrate(url, folders)).toBe(0)
    expect(await ask(url, 'SELECT array_agg(n) AS n FROM step')).toEqual([{ n: [2, 3, 4] }])
  })

  test('a file that fails is named with its line, leaves nothing behind, and can be mended', async () => {
    const url = await emptyDatabase('migrate_failure')
    const good = { '0001-a.sql': 'CREATE TABLE a ()' }
    const bad = folder('f', { ...good, '0002-b.sql': 'CREATE TABLE b ();\n\nSELECT nothing_there();' })
    await expect(migrate(url, [bad])).rejects.toThrow(
      /^Migration f\/0002-b\.sql:3 failed: function nothing_there/,
    )
    expect(await ran(url)).toEqual(['f/0001-a.sql'])
    expect(await ask(url, `SELECT to_regclass('b') AS b`)).toEqual([{ b: null }])
    expect(await migrate(url, [folder('f', { '0002-b.sql': 'CREATE TABLE b ()' })])).toBe(1)
  })

  test('a file that was changed after it ran is an error that names it', async () => {
    const url = await emptyDatabase('migrate_change')
    await migrate(url, [folder('f', { '0001-a.sql': 'CREATE TABLE a ()' })])
    const changed = folder('f', { '0001-a.sql': 'CREATE TABLE a (n int)' })
    await expect(migrate(url, [changed])).rejects.toThrow(/Migration f\/0001-a\.sql was changed after it ran/)
  })

  test('a newer database than the files is fine: old and new code run side by side (R23)', async () => {
    const url = await emptyDatabase('migrate_newer')
    await migrate(url, [folder('f', { '0001-a.sql': 'SELECT 1', '0002-b.sql': 'SELECT 2' })])
    rmSync(join(base, 'f', '0002-b.sql'))
    expect(await migrate(url, [{ name: 'f', dir: join(base, 'f') }])).toBe(0)
  })

  test.each([['1-a.sql'], ['0001-A b.sql'], ['a.sql']])('a file called %s is refused', async name => {
    const url = await emptyDatabase('migrate_name')
    await expect(migrate(url, [folder('f', { [name]: 'SELECT 1' })])).rejects.toThrow(
      /has to be named like 0001-words/,
    )
  })

  test('two files with one number are refused', async () => {
    const url = await emptyDatabase('migrate_number')
    const twice = folder('f', { '0001-a.sql': 'SELECT 1', '0001-b.sql': 'SELECT 1' })
    await expect(migrate(url, [twice])).rejects.toThrow(/0001-b\.sql has to be named .* each number once/)
  })

  /** A process of its own that migrates; its exit code and how many files it ran. */
  const migrateApart = async (url: string): Promise<{ code: number; count: number }> => {
    const module = (path: string) => JSON.stringify(join(ROOT, 'dist', path))
    const program = `
      const { migrate } = await import(${module('shared/database.js')})
      const { MIGRATIONS } = await import(${module('gateway/migrations.js')})
      console.log(await migrate(process.argv[1], MIGRATIONS))`
    const env = { ...process.env, NODE_OPTIONS: '' }
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, url], { env })
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    const [code] = await once(child, 'close')
    return { code, count: Number(said) }
  }

  test('three processes at once: every file runs exactly once, and all three succeed', async () => {
    const url = await emptyDatabase('migrate_three')
    const results = await Promise.all([migrateApart(url), migrateApart(url), migrateApart(url)])
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
    const total = results.reduce((sum, { count }) => sum + count, 0)
    expect(total).toBe((await ran(url)).length)
    expect(total).toBeGreaterThan(0)
  })

  test('two databases of one server at once, though roles belong to both', async () => {
    const urls = await Promise.all([emptyDatabase('migrate_left'), emptyDatabase('migrate_right')])
    const results = await Promise.all(urls.map(migrateApart))
    expect(results.map(({ code }) => code)).toEqual([0, 0])
  })

  test('a process that is killed while it migrates holds nobody up', async () => {
    const url = await emptyDatabase('migrate_killed')
    const slow = [folder('f', { '0001-slow.sql': 'CREATE TABLE slow (); SELECT pg_sleep(3)' })]
    const program = `
      const { migrate } = await import(${JSON.stringify(join(ROOT, 'dist/shared/database.js'))})
      await migrate(process.argv[1], JSON.parse(process.argv[2]))`
    const args = ['--input-type=module', '--eval', program, url, JSON.stringify(slow)]
    const child = spawn(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })
    await sleep(800)
    child.kill('SIGKILL')
    expect(await migrate(url, slow)).toBe(1)
    expect(await ran(url)).toEqual(['f/0001-slow.sql'])
  })

  test('a login that may not create roles gets told how to allow it', async () => {
    const url = new URL(await emptyDatabase('migrate_login'))
    const login = `plain_${url.pathname.slice(-8)}`
    await ask(url.href, `CREATE ROLE ${login} LOGIN PASSWORD 'pw'`)
    const roles = await ask(url.href, `SELECT rolname FROM pg_roles WHERE rolname = 'opsgraph_owner'`)
    url.username = login
    url.password = 'pw'
    const files = folder('f', { '0001-a.sql': 'SELECT 1' })
    const expected = roles.length > 0 ? /permission denied/ : /ALTER ROLE "plain_.*" CREATEROLE/
    await expect(migrate(url.href, [files])).rejects.toThrow(expected)
    await ask(clusterUrl(), `DROP ROLE ${login}`)
  })

  test('the product’s own files are recorded as they are', async () => {
    const url = await cloneDatabase('migrate_product')
    expect(await migrate(url, MIGRATIONS)).toBe(0)
    expect((await ran(url)).length).toBeGreaterThan(0)
  })
})

describe('openDatabase', () => {
  test('speaks as the role it is given', async () => {
    const db = await open(await cloneDatabase('role'), { role: 'opsgraph_app' })
    expect(await db.query('SELECT current_user AS role')).toEqual([{ role: 'opsgraph_app' }])
  })

  test('limits how long anything takes (F21)', async () => {
    const db = await open(await emptyDatabase('limits'))
    const rows = await db.query(`SELECT name, setting FROM pg_settings WHERE name IN
      ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`)
    expect(rows.map(({ setting }: { setting: string }) => Number(setting))).toEqual([5000, 1000, 2000])
    const began = Date.now()
    const failure = await failureOf(db.query('SELECT pg_sleep(10)'))
    expect(Date.now() - began).toBeLessThan(3_000)
    expect(isStorageError(failure)).toBe(true)
  })

  test('prepares what it runs', async () => {
    const db = await open(await emptyDatabase('named'), { poolSize: 1 })
    for (const n of [1, 2, 3]) expect(await db.query('SELECT $1::int AS n', [n])).toEqual([{ n }])
    const prepared = await db.query(
      `SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%$1::int AS n'`,
    )
    expect(prepared).toHaveLength(1)
  })

  test('prepares no more than 500 texts, and runs the others all the same', async () => {
    const db = await open(await emptyDatabase('capped'), { poolSize: 1 })
    for (let n = 0; n < 600; n++) await db.query(`SELECT $1::int AS c${n}`, [n])
    const [{ count }] = await db.query('SELECT count(*)::int FROM pg_prepared_statements')
    expect(count).toBeLessThanOrEqual(500)
    expect(count).toBeGreaterThan(400)
  })

  test('a full pool is an error after five seconds, not a wait for ever (R10)', async () => {
    const db = await open(await emptyDatabase('full'), { poolSize: 1 })
    const runner = db.createQueryRunner()
    await runner.connect()
    const began = Date.now()
    const failure = await failureOf(db.query('SELECT 1'))
    expect(isStorageError(failure)).toBe(true)
    expect(Date.now() - began).toBeLessThan(6_000)
    await runner.release()
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a connection cut in the middle of a transaction is an error for that one only', async () => {
    const db = await open(await emptyDatabase('cut'))
    const cut = db.transaction(async tx => {
      const [{ pid }] = await tx.query('SELECT pg_backend_pid() AS pid')
      await db.query('SELECT pg_terminate_backend($1)', [pid])
      await sleep(50)
      await tx.query('SELECT 1')
    })
    expect(isStorageError(await failureOf(cut))).toBe(true)
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('all idle connections cut at once: the next query works', async () => {
    const url = await emptyDatabase('cut_idle')
    const db = await open(url)
    await Promise.all([1, 2, 3, 4].map(() => db.query('SELECT pg_sleep(0.05)')))
    await ask(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    await sleep(100)
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a transaction that sits idle is ended by the server, and the process lives', async () => {
    const db = await open(await emptyDatabase('idle'))
    const idle = db.transaction(async tx => {
      await tx.query('SELECT 1')
      await sleep(5_500)
      await tx.query('SELECT 1')
    })
    expect(isStorageError(await failureOf(idle))).toBe(true)
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

/** A network between us and PostgreSQL that can be made to swallow everything. */
const network = async (url: string) => {
  const { hostname, port } = new URL(url)
  const socket = join(decodeURIComponent(hostname), `.s.PGSQL.${port}`)
  const pairs: [Socket, Socket][] = []
  let isBroken = false
  const server: Server = createServer(near => {
    const far = dial(socket)
    for (const one of [near, far]) one.on('error', () => {})
    near.on('data', chunk => !isBroken && far.write(chunk))
    far.on('data', chunk => !isBroken && near.write(chunk))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    pairs.push([near, far])
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as { port: number }).port)
  return {
    url: through.href,
    swallow: (on: boolean) => {
      isBroken = on
    },
    close: () => {
      for (const one of pairs.flat()) one.destroy()
      server.close()
    },
  }
}

describe('a network that swallows everything (R8)', () => {
  test('queries fail within 3 s, and all is well once it is back', async () => {
    const net = await network(await emptyDatabase('black_hole'))
    const db = await open(net.url)
    expect(await ping(db, 1_000)).toBe(true)
    net.swallow(true)
    const began = Date.now()
    const failures = await Promise.all([1, 2, 3].map(() => failureOf(db.query('SELECT $1::int', [1]))))
    expect(Date.now() - began).toBeLessThan(6_000)
    expect(failures.map(isStorageError)).toEqual([true, true, true])
    expect(await ping(db, 300)).toBe(false)
    net.swallow(false)
    const back = Date.now()
    while (!(await ping(db, 1_000))) if (Date.now() - back > 10_000) throw new Error('not back within 10 s')
    expect(await db.query('SELECT $1::int AS n', [5])).toEqual([{ n: 5 }])
    net.close()
  })
})

describe('isStorageError', () => {
  const withCode = (code: string, extra = {}) => Object.assign(new Error('x'), { code }, extra)

  test.each([
    '08006',
    '08P01',
    '53100',
    '53300',
    '57P01',
    '57P02',
    '57P03',
    '57014',
    '55P03',
    '25P03',
    '25006',
    '58030',
  ])('SQL state %s is one', code => expect(isStorageError(withCode(code))).toBe(true))

  test.each(['23505', '40001', '40P01', '42P01', '22P02', '42501', 'P0001'])('SQL state %s is none', code =>
    expect(isStorageError(withCode(code))).toBe(false),
  )

  test('the network’s errors are, a missing file is not', () => {
    expect(isStorageError(withCode('ECONNREFUSED'))).toBe(true)
    expect(isStorageError(withCode('ENOENT', { syscall: 'connect' }))).toBe(true)
    expect(isStorageError(withCode('ENOENT', { syscall: 'open' }))).toBe(false)
  })

  test('wrapped ones are found', () => {
    expect(isStorageError(new Error('x', { cause: withCode('57P01') }))).toBe(true)
    expect(isStorageError(Object.assign(new Error('x'), { originalError: withCode('57P01') }))).toBe(true)
    expect(isStorageError(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true)
  })

  test('anything may be asked about', () => {
    for (const thing of [null, undefined, 'text', 7, {}, new Error('a bug')])
      expect(isStorageError(thing)).toBe(false)
    const loop = new Error('loop')
    loop.cause = loop
    expect(isStorageError(loop)).toBe(false)
  })
})

describe('waitForDatabase', () => {
  test('waits for a server that comes up', async () => {
    const target = await emptyDatabase('wait')
    const net = await network(target)
    const port = Number(new URL(net.url).port)
    net.close()
    await sleep(50)
    const tries: string[] = []
    const waiting = waitForDatabase(net.url, 10_000, reason => tries.push(reason.message))
    await sleep(700)
    const { hostname, port: socketPort } = new URL(target)
    const socket = join(decodeURIComponent(hostname), `.s.PGSQL.${socketPort}`)
    const server = createServer(near => {
      const far = dial(socket)
      near.pipe(far).pipe(near)
    }).listen(port, '127.0.0.1')
    await waiting
    expect(tries.length).toBeGreaterThan(0)
    server.close()
  })

  test('gives up after the time it was given, naming the place and the reason but not the password', async () => {
    const began = Date.now()
    const failure = await failureOf(waitForDatabase('postgresql://u:hunter2@127.0.0.1:9/opsgraph', 500))
    expect(failure.message).toMatch(
      /^Database opsgraph at 127\.0\.0\.1:9 did not answer within 0\.5 s: .*ECONNREFUSED/,
    )
    expect(failure.message).not.toContain('hunter2')
    expect(Date.now() - began).toBeLessThan(2_000)
  })

  test('does not wait where waiting cannot help', async () => {
    const url = new URL(clusterUrl())
    url.pathname = '/nothing'
    await expect(waitForDatabase(url.href, 5_000)).rejects.toThrow(
      /refused: database "nothing" does not exist/,
    )
    url.password = 'guess'
    await expect(waitForDatabase(url.href, 5_000)).rejects.toThrow(/refused: password authentication failed/)
  })
})

describe('connectionOptions', () => {
  test('serve a plain client', async () => {
    const url = await cloneDatabase('plain')
    const client = new pg.Client(connectionOptions(url, 'opsgraph_sealer'))
    await client.connect()
    const { rows } = await client.query('SELECT current_user AS role')
    expect(rows).toEqual([{ role: 'opsgraph_sealer' }])
    await client.end()
  })
})

test('log lines hold no row values and no parameters', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'opsgraph-log-'))
  const file = join(dir, 'out')
  const program = `
    const { createLogger } = await import(${JSON.stringify(join(ROOT, 'dist/shared/log.js'))})
    const err = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'secret-row', parameters: ['secret-parameter'],
      query: 'secret-sql', cause: Object.assign(new Error('inner'), { detail: 'secret-cause' }) })
    createLogger({ logLevel: 'info' }, 'orders').error({ err }, 'failed')`
  const child = spawn(
    'sh',
    ['-c', `exec "$0" --input-type=module --eval "$1" 2>"$2"`, process.execPath, program, file],
    {
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  )
  await once(child, 'close')
  const line = JSON.parse(readFileSync(file, 'utf8'))
  expect(line).toMatchObject({
    name: 'orders',
    msg: 'failed',
    err: { code: '23505', message: 'duplicate key' },
  })
  expect(JSON.stringify(line)).not.toContain('secret')
  rmSync(dir, { recursive: true })
})
