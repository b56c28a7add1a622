import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, loadConfig } from '#shared/config.js'
import { createKeys, internalKey, loadKeys } from '#shared/keys.js'

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const PRODUCTION = {
  OPSGRAPH_MODE: 'production',
  DATABASE_URL: 'postgresql://app:secret@db.internal:5432/opsgraph',
  JWKS_URL: 'https://login.example/keys',
  JWT_ISSUER: 'https://login.example/',
  JWT_AUDIENCE: 'opsgraph',
  MAIL: 'off',
  SCANNER_URL: 'none',
}

describe('settings', () => {
  test('a development machine needs none', () => {
    expect(loadConfig({})).toMatchObject({
      mode: 'development',
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: undefined,
      jwt: { issuer: 'opsgraph-development', audience: 'opsgraph' },
      allowedOrigins: [],
      maxBodyBytes: 4_194_304,
      trustedProxies: 0,
      poolSize: 20,
      logLevel: 'warn',
      demo: true,
    })
  })

  test('an empty variable counts as absent', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', SUBGRAPH: '' })).toEqual(loadConfig({}))
  })

  test('strangers come in where that was said, and show that they are people where that was asked', () => {
    const url = 'https://hcaptcha.com/siteverify'
    expect(loadConfig({}).strangers).toEqual({ open: true })
    expect(loadConfig(PRODUCTION).strangers).toEqual({ open: false })
    const env = { ...PRODUCTION, ANONYMOUS_TICKETS: 'true', CHALLENGE_URL: url, CHALLENGE_SECRET: 's3cret' }
    expect(loadConfig(env).strangers).toEqual({ open: true, challenge: { url, secret: 's3cret' } })
    expect(problemsOf({ CHALLENGE_URL: url })).toMatchObject([expect.stringContaining('CHALLENGE_SECRET')])
    expect(problemsOf({ CHALLENGE_SECRET: 's3cret' })).toMatchObject([
      expect.stringMatching(/^CHALLENGE_URL(?!.*s3cret)/),
    ])
    expect(problemsOf({ CHALLENGE_URL: 'http://away.example/', CHALLENGE_SECRET: 'x' })).toMatchObject([
      expect.stringContaining('https'),
    ])
  })

  test('each is read', () => {
    const config = loadConfig({
      PORT: '0',
      DATA_DIR: '/var/lib/opsgraph',
      SUBGRAPH: 'orders',
      ACCOUNTS_URL: 'http://accounts:4001/graphql',
      ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
      DEMO: 'false',
      LOG_LEVEL: 'debug',
    })
    expect(config).toMatchObject({
      port: 0,
      keysDir: '/var/lib/opsgraph/keys',
      subgraph: 'orders',
      subgraphUrls: { accounts: 'http://accounts:4001/graphql' },
      allowedOrigins: ['https://a.example', 'http://localhost:3000'],
      demo: false,
      logLevel: 'debug',
    })
  })

  test('production listens to the network, is talkative and brings no demo records', () => {
    const expected = { mode: 'production', host: '0.0.0.0', logLevel: 'info', demo: false }
    expect(loadConfig(PRODUCTION)).toMatchObject(expected)
    expect(loadConfig({ ...PRODUCTION, OPSGRAPH_MODE: undefined, NODE_ENV: 'production' })).toMatchObject(
      expected,
    )
  })

  test('production names everything that it lacks, at once', () => {
    const problems = problemsOf({ OPSGRAPH_MODE: 'production' })
    for (const name of ['DATABASE_URL', 'JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'SCANNER_URL', 'MAIL'])
      expect(problems).toContainEqual(
        expect.stringMatching(new RegExp(`^${name} is missing; production needs `)),
      )
    expect(problems).toHaveLength(6)
  })

  test.each([
    ['OPSGRAPH_MODE', 'staging', 'development or production'],
    ['PORT', '70000', 'a whole number from 0 to 65535'],
    ['PORT', '4e3', 'a whole number'],
    ['PORT', 'abc', 'a whole number'],
    ['POOL_SIZE', '0', 'a whole number from 2'],
    ['SUBGRAPH', 'order', 'one of accounts, support, orders, risk, catalog, audit, gateway'],
    ['ORDERS_URL', 'orders:4001', 'a URL such as'],
    ['JWKS_URL', 'http://login.example/keys', 'an https URL'],
    ['ALLOWED_ORIGINS', 'https://a.example/path', 'without paths'],
    ['ALLOWED_ORIGINS', '*', 'a list such as'],
    ['DEMO', 'maybe', 'true or false'],
    ['LOG_LEVEL', 'loud', 'one of trace, debug'],
    ['MAX_BODY_BYTES', '12', 'a whole number from 1024'],
    ['CARRIER', 'pigeon', 'one of manual, easypost'],
    ['EASYPOST_API_URL', 'http://carrier.example/v2/', 'an https URL'],
    ['EASYPOST_TIMEOUT_MS', '60000', 'a whole number from 100 to 10000'],
    ['SCANNER_URL', 'http://clamav:3310', 'clamd://'],
    ['SCANNER_URL', 'clamd://', 'clamd://'],
  ])('%s=%s is refused with what would be right', (name, value, right) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toEqual([expect.stringContaining(`${name} is "${value}"`)])
    expect(problems[0]).toContain(right)
  })

  test('EasyPost wants a key; its address may be another', () => {
    expect(problemsOf({ CARRIER: 'easypost' })).toEqual([
      expect.stringMatching(/^EASYPOST_API_KEY is missing/),
    ])
    const given = {
      CARRIER: 'easypost',
      EASYPOST_API_KEY: 'EZTK1',
      EASYPOST_API_URL: 'http://127.0.0.1:9/v2',
    }
    expect(loadConfig(given)).toMatchObject({
      carrier: 'easypost',
      easypost: { apiKey: 'EZTK1', url: 'http://127.0.0.1:9/v2/', timeout: 10_000 },
    })
    expect(loadConfig({})).toMatchObject({ carrier: 'manual' })
    expect(loadConfig({}).easypost).toBeUndefined()
  })

  test('a wrong DATABASE_URL is named without its password', () => {
    const problems = problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db/opsgraph' })
    expect(problems).toEqual([expect.stringMatching(/^DATABASE_URL has to be /)])
    expect(problems.join()).not.toContain('hunter2')
  })

  test.each([
    'postgresql://opsgraph:pw@%2Ftmp%2Fsocket:5432/opsgraph',
    'postgres://opsgraph@/opsgraph?host=/tmp/socket',
    'postgresql:///opsgraph',
  ])('a unix socket will do: %s', url => {
    expect(loadConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
  })

  test('several wrong ones are all named', () => {
    expect(problemsOf({ PORT: 'x', DEMO: 'y', LOG_LEVEL: 'z' })).toHaveLength(3)
  })

  test('a gateway alone has to know where each subgraph is', () => {
    const problems = problemsOf({ SUBGRAPH: 'gateway', ORDERS_URL: 'http://orders:4001/graphql' })
    expect(problems).toHaveLength(5)
    expect(problems.join()).not.toContain('ORDERS_URL')
  })
})

describe('keys', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'opsgraph-keys-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  test('a development machine makes its own, readable for nobody else', async () => {
    const keys = await loadKeys({ mode: 'development', keysDir: dir })
    expect(keys.audit.publicKey.asymmetricKeyType).toBe('ed25519')
    expect(keys.eventMac).toHaveLength(32)
    expect(keys.internal).toHaveLength(1)
    expect(keys.development).toBeDefined()
    for (const name of ['audit.key', 'event-mac.key', 'internal.keys', 'development.key'])
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
  })

  test('eight at once end up with the same keys', async () => {
    const load = () => loadKeys({ mode: 'development', keysDir: join(dir, 'new') })
    const all = await Promise.all(Array.from({ length: 8 }, load))
    const first = all[0]!
    for (const keys of all) {
      expect(keys.audit.keyId).toBe(first.audit.keyId)
      expect(keys.audit.publicKey.equals(first.audit.publicKey)).toBe(true)
      expect(keys.eventMac.equals(first.eventMac)).toBe(true)
      expect(keys.internal).toEqual(first.internal)
    }
  })

  test('production makes none, and says which file is missing and how to make it', async () => {
    await expect(loadKeys({ mode: 'production', keysDir: dir })).rejects.toThrow(
      `Key file ${join(dir, 'audit.key')} is missing. Make the keys once with: npx opsgraph keys`,
    )
  })

  test('made once, they serve production, and nothing is made twice', async () => {
    expect(await createKeys(dir)).toHaveLength(4)
    const before = readFileSync(join(dir, 'audit.key'), 'utf8')
    expect(await createKeys(dir)).toEqual([])
    expect(readFileSync(join(dir, 'audit.key'), 'utf8')).toBe(before)
    expect((await loadKeys({ mode: 'production', keysDir: dir })).development).toBeUndefined()
  })

  test('a spoilt file is named', async () => {
    await createKeys(dir)
    writeFileSync(join(dir, 'event-mac.key'), 'short')
    await expect(loadKeys({ mode: 'production', keysDir: dir })).rejects.toThrow(
      /event-mac\.key has to hold 32 bytes/,
    )
  })

  test('each subgraph gets another key from the same master', () => {
    const master = Buffer.alloc(32, 7)
    expect(internalKey(master, 'orders')).toHaveLength(32)
    expect(internalKey(master, 'orders')).toEqual(internalKey(master, 'orders'))
    expect(internalKey(master, 'orders')).not.toEqual(internalKey(master, 'risk'))
  })

  test('keys can be rotated: the first line signs, all verify', async () => {
    await createKeys(dir)
    const file = join(dir, 'internal.keys')
    const old = readFileSync(file, 'utf8')
    writeFileSync(file, `new ${Buffer.alloc(32, 1).toString('base64url')}\n${old}`)
    const { internal } = await loadKeys({ mode: 'production', keysDir: dir })
    expect(internal.map(({ kid }) => kid)).toEqual(['new', old.split(' ')[0]])
  })
})
