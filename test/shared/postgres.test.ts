import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type As, joinPostgres, type PostgresUser, spawnUser } from '#kit/postgres-user.js'
import { isPostgresRunning, startPostgres } from '#shared/postgres.js'
import { ROOT } from '#shared/root.js'

const NOBODY = 65_534
const NAMELESS = 54_321
const isRoot = process.getuid?.() === 0

/** Other accounts can be played only by root, and only where they can read this project. */
const canPlay = (uid: number) =>
  isRoot &&
  spawnSync(process.execPath, ['--eval', `fs.readFileSync('${ROOT}/package.json')`], {
    uid,
    gid: uid,
    cwd: '/',
  }).status === 0
const asRoot = isRoot ? test : test.skip
const asOthers = canPlay(NOBODY) ? test : test.skip
const hasNamespaces = spawnSync('unshare', ['--user', `--map-user=${NOBODY}`, 'true']).status === 0

let base: string
let folder: string
const users: PostgresUser[] = []
const writers: { stop(): Promise<void> }[] = []

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'opsgraph-pgtest-'))
  chmodSync(base, 0o755)
  folder = join(base, 'data')
})

afterEach(async () => {
  await Promise.all(writers.splice(0).map(one => one.stop()))
  await Promise.all(users.splice(0).map(user => user.kill().catch(() => {})))
  await gone(folder)
  rmSync(base, { recursive: true, force: true })
})

const use = async (as?: As): Promise<PostgresUser> => {
  const user = await joinPostgres(folder, as)
  users.push(user)
  return user
}

const leave = async (user: PostgresUser, how: 'leave' | 'kill' = 'leave') => {
  users.splice(users.indexOf(user), 1)
  await user[how]()
}

/** Milliseconds until no server runs on the folder; fails after ten seconds. */
const gone = async (dataDir: string): Promise<number> => {
  const began = Date.now()
  while (isPostgresRunning(dataDir)) {
    if (Date.now() - began > 10_000) throw new Error('PostgreSQL is still there')
    await sleep(10)
  }
  return Date.now() - began
}

const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

const serverPid = () =>
  Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])

const serverLog = () => readFileSync(join(folder, 'postgres.log'), 'utf8').slice(-3_000)

/** Writes until told to stop, connecting anew when it must; returns what PostgreSQL acknowledged. */
const writer = (url: string) => {
  const acknowledged: number[] = []
  let isOver = false
  const work = async () => {
    for (let n = 1; !isOver; n++) {
      try {
        await ask(url, `INSERT INTO note VALUES (${n})`)
        acknowledged.push(n)
      } catch {
        await sleep(20)
      }
    }
  }
  const working = work()
  const stop = () => {
    isOver = true
    return working
  }
  writers.push({ stop })
  return { acknowledged, stop }
}

const missingOf = async (url: string, acknowledged: number[]): Promise<number[]> => {
  const there = new Set((await ask(url, 'SELECT n FROM note')).map(({ n }) => n))
  return acknowledged.filter(n => !there.has(n))
}

/** A PATH on which some programs always fail. */
const without = (...programs: string[]): NodeJS.ProcessEnv => {
  const broken = join(base, 'broken')
  mkdirSync(broken)
  for (const program of programs) writeFileSync(join(broken, program), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return { PATH: `${broken}:${process.env.PATH}` }
}

describe('one process', () => {
  test('keeps its data from one start to the next, and leaves nothing running', async () => {
    const first = await startPostgres({ dataDir: folder, test: true })
    expect(first.adopted).toBe(false)
    await ask(first.url, 'CREATE TABLE note (n int); INSERT INTO note VALUES (7)')
    await first.stop()
    expect(isPostgresRunning(folder)).toBe(false)
    const second = await startPostgres({ dataDir: folder, test: true })
    expect(await ask(second.url, 'SELECT n FROM note')).toEqual([{ n: 7 }])
    await second.stop()
    await second.stop()
    expect(isPostgresRunning(folder)).toBe(false)
  })

  test('has a url that URL, pg and a new path understand', async () => {
    const { url } = await use()
    const other = new URL(url)
    other.pathname = '/postgres'
    expect(await ask(other.href, 'SELECT current_database() AS name, current_user AS login')).toEqual([
      { name: 'postgres', login: 'opsgraph' },
    ])
  })

  test('lets nobody in without the password', async () => {
    const url = new URL((await use()).url)
    url.password = 'guess'
    await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
  })

  test('sorts by code point and knows letters beyond ASCII', async () => {
    const { url } = await use()
    const [row] = await ask(
      url,
      `SELECT lower('ÄÖ') AS low, 'a' > 'B' AS by_code, current_setting('TimeZone') AS zone`,
    )
    expect(row).toEqual({ low: 'äö', by_code: true, zone: 'UTC' })
  })

  test('takes settings', async () => {
    const { url, stop } = await startPostgres({
      dataDir: folder,
      test: true,
      settings: { max_connections: '17' },
    })
    expect(await ask(url, 'SHOW max_connections')).toEqual([{ max_connections: '17' }])
    await stop()
  })
})

describe('SIGKILL', () => {
  test('of the process: the server ends, and everything acknowledged is there at the next start', async () => {
    for (let round = 0; round < 3; round++) {
      const user = await use({ durable: true })
      await ask(user.url, 'DROP TABLE IF EXISTS note; CREATE TABLE note (n int)')
      const writing = writer(user.url)
      while (writing.acknowledged.length <= 5) await sleep(50)
      await leave(user, 'kill')
      await gone(folder)
      await writing.stop()
      const next = await use({ durable: true })
      expect(writing.acknowledged.length).toBeGreaterThan(5)
      expect(await missingOf(next.url, writing.acknowledged)).toEqual([])
      await leave(next)
    }
  })

  test('of the server, again and again: it comes back at the same url, with everything acknowledged (R7)', async () => {
    const user = await use({ durable: true })
    await ask(user.url, 'CREATE TABLE note (n int)')
    const writing = writer(user.url)
    for (let round = 0; round < 5; round++) {
      const before = writing.acknowledged.length
      const pid = serverPid()
      process.kill(pid, 'SIGKILL')
      const began = Date.now()
      while (!isPostgresRunning(folder) || serverPid() === pid || writing.acknowledged.length < before + 5) {
        if (Date.now() - began > 10_000) throw new Error(`it did not come back within 10 s:\n${serverLog()}`)
        await sleep(10)
      }
    }
    await writing.stop()
    expect(await missingOf(user.url, writing.acknowledged)).toEqual([])
    await leave(user)
    expect(isPostgresRunning(folder)).toBe(false)
  })

  test('of the process while the data folder is being made: the next start is not troubled', async () => {
    for (const ms of [60, 150, 250, 350]) {
      const child = spawnUser(folder)
      await sleep(ms)
      child.kill('SIGKILL')
    }
    expect(await ask((await use()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('of the process and of the supervisor: the next start ends the orphan and works', async () => {
    const user = await use()
    const pid = serverPid()
    const supervisor = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) . (\d+) .*/s, '$1'))
    const watchers = spawnSync('ps', ['-o', 'pid=', '--ppid', String(supervisor)], {
      encoding: 'utf8',
    }).stdout
    const others = watchers
      .split('\n')
      .map(Number)
      .filter(one => one > 0 && one !== pid)
    for (const one of [supervisor, ...others]) process.kill(one, 'SIGKILL')
    await leave(user, 'kill')
    for (const cat of childrenNamed('cat', others)) process.kill(cat, 'SIGKILL')
    expect(isPostgresRunning(folder)).toBe(true)
    const next = await use()
    expect(serverPid()).not.toBe(pid)
    await leave(next)
    expect(isPostgresRunning(folder)).toBe(false)
  })
})

const childrenNamed = (_name: string, parents: number[]): number[] =>
  parents.flatMap(parent =>
    spawnSync('ps', ['-o', 'pid=', '--ppid', String(parent)], { encoding: 'utf8' })
      .stdout.split('\n')
      .map(Number)
      .filter(pid => pid > 0),
  )

describe('several processes', () => {
  test('starting at once on an empty folder share one server', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => use()))
    expect(new Set(all.map(({ url }) => url)).size).toBe(1)
    expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1)
    await ask(all[4]!.url, 'SELECT 1')
    expect(readdirSync(folder).sort()).toEqual(['postgres', 'postgres.log'])
  })

  test('starting at once after a crash share one server', async () => {
    const crashed = await use()
    process.kill(serverPid(), 'SIGSTOP')
    const pid = serverPid()
    await leave(crashed, 'kill')
    process.kill(pid, 'SIGKILL')
    const all = await Promise.all([use(), use(), use()])
    expect(new Set(all.map(({ url }) => url)).size).toBe(1)
    expect(await ask(all[2]!.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('the server stays while anybody uses it, also when its starter is killed, and goes with the last', async () => {
    const starter = await use()
    const second = await use()
    const third = await use()
    expect([starter.adopted, second.adopted, third.adopted]).toEqual([false, true, true])
    await leave(starter, 'kill')
    await leave(second)
    await sleep(300)
    expect(await ask(third.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await leave(third, 'kill')
    expect(await gone(folder)).toBeLessThan(5_000)
  })

  test('coming and going all the time never fail', async () => {
    const worker = async () => {
      for (let round = 0; round < 6; round++) {
        const user = await use()
        expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
        await leave(user, round % 2 ? 'kill' : 'leave')
      }
    }
    await Promise.all([worker(), worker(), worker()])
  })
})

describe('what it finds', () => {
  test('a stale pid file whose number now belongs to another process', async () => {
    await leave(await use())
    const stale = [process.pid, join(folder, 'postgres'), 1, 5432, '/tmp/nowhere', '', '1 2', 'ready   ', '']
    writeFileSync(join(folder, 'postgres', 'postmaster.pid'), stale.join('\n'))
    expect(isPostgresRunning(folder)).toBe(false)
    expect((await use()).adopted).toBe(false)
  })

  test('data of another major version', async () => {
    await leave(await use())
    writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '17\n')
    await expect(use()).rejects.toThrow(
      /were made by PostgreSQL 17, but Opsgraph would run them with PostgreSQL 18.*PGBIN/s,
    )
  })

  test('a PGBIN without PostgreSQL in it', async () => {
    await expect(use({ env: { PGBIN: base } })).rejects.toThrow(/there is no postgres in it/)
  })

  test('a server that cannot start says why', async () => {
    await expect(
      startPostgres({ dataDir: folder, test: true, settings: { shared_buffers: 'lots' } }),
    ).rejects.toThrow(/did not start.*invalid value for parameter "shared_buffers"/s)
    expect(isPostgresRunning(folder)).toBe(false)
  })

  const system = ['18', '17', '16', '15']
    .map(n => `/usr/lib/postgresql/${n}/bin`)
    .find(dir => existsSync(dir))
  const withSystem = system ? test : test.skip

  withSystem('a PostgreSQL of the system, by PGBIN', async () => {
    const { url } = await use({ env: { PGBIN: system } })
    const [row] = await ask(url, `SELECT lower('ÄÖ') AS low, 'a' > 'B' AS by_code`)
    expect(row).toEqual({ low: 'äö', by_code: true })
  })
})

describe('accounts', () => {
  const closed = () => {
    chmodSync(base, 0o700)
    return base
  }

  asRoot('root, below a folder closed to others', async () => {
    closed()
    expect(await ask((await use()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  asRoot('root, where user namespaces are forbidden: another account owns the data', async () => {
    const user = await use({ env: without('unshare') })
    expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(statSync(join(folder, 'postgres')).uid).toBeGreaterThan(0)
    await leave(user)
    await use()
    expect(statSync(join(folder, 'postgres')).uid).toBeGreaterThan(0)
  })

  asRoot('root, data made in a user namespace and started where these are forbidden', async () => {
    await leave(await use())
    const user = await use({ env: without('unshare') })
    expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  asRoot('root, below a closed folder and without user namespaces', async () => {
    closed()
    const user = await use({ env: without('unshare') })
    expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  asRoot('root, with no way at all: it says what to set', async () => {
    closed()
    await expect(use({ env: without('unshare', 'setpriv') })).rejects.toThrow(
      /PostgreSQL cannot run in .*Set DATA_DIR to a folder that other users can reach.*or DATABASE_URL/s,
    )
  })

  asOthers('an ordinary user', async () => {
    chownSync(base, NOBODY, NOBODY)
    const user = await use({ uid: NOBODY, gid: NOBODY })
    expect(statSync(join(folder, 'postgres')).uid).toBe(NOBODY)
    await leave(user)
    expect(isPostgresRunning(folder)).toBe(false)
  })

  asOthers('an ordinary user and then root: the data stay the user’s', async () => {
    chownSync(base, NOBODY, NOBODY)
    await leave(await use({ uid: NOBODY, gid: NOBODY }))
    await leave(await use())
    expect(statSync(join(folder, 'postgres')).uid).toBe(NOBODY)
    const user = await use({ uid: NOBODY, gid: NOBODY })
    expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  asOthers('root’s data are refused to an ordinary user with clear words', async () => {
    await leave(await use())
    await expect(use({ uid: NOBODY, gid: NOBODY })).rejects.toThrow(/belong to uid 0, and this is uid 65534/)
  })

  const nameless = hasNamespaces && canPlay(NAMELESS) ? test : test.skip

  nameless('a uid without a name', async () => {
    chownSync(base, NAMELESS, NAMELESS)
    const user = await use({ uid: NAMELESS, gid: NAMELESS })
    expect(await ask(user.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await leave(user)
    expect(await ask((await use({ uid: NAMELESS, gid: NAMELESS })).url, 'SELECT 1 AS one')).toEqual([
      { one: 1 },
    ])
  })
})
