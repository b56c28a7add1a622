import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ChallengeUnavailable } from '#subgraphs/support/strangers/challenges/challenge.js'
import { Siteverify } from '#subgraphs/support/strangers/challenges/siteverify.js'
import { type Answering, TestSiteverify } from '../kit/siteverify.js'
import { type Json, World } from '../kit/world.js'

const OPEN = `mutation ($input: OpenAnonymousTicketInput!) { openAnonymousTicket(input: $input) {
  number accessToken replayed events { type } userErrors { code field facts } } }`
const SECRET = 'the-secret'

describe('the protocol of challenges', () => {
  let stand: TestSiteverify
  beforeAll(async () => {
    stand = await TestSiteverify.start()
  })
  afterAll(() => stand?.stop())
  const ask = (answer: Answering | null, more: { secret?: string; hostname?: string } = {}) => {
    stand.answers = answer ? [answer] : []
    const challenge = new Siteverify({ url: stand.url, secret: SECRET, ...more })
    return challenge.verify(`solved-${Math.random()}`, '192.0.2.1')
  }

  test('a form with secret, token and address; success alone passes', async () => {
    expect(await ask(null)).toEqual({ passed: true })
    expect(stand.asked.at(-1)).toEqual({
      secret: SECRET,
      response: expect.stringMatching(/^solved-/),
      remoteip: '192.0.2.1',
    })
  })

  test.each([
    [
      'refuses',
      { say: { success: false, 'error-codes': ['invalid-input-response'] } },
      'invalid-input-response',
    ],
    [
      'knows it already',
      { say: { success: false, 'error-codes': ['timeout-or-duplicate'] } },
      'timeout-or-duplicate',
    ],
    ['does not say why', { say: { success: false } }, 'refused'],
    ['finds it unlikely', { say: { success: true, score: 0.1 } }, 'unlikely'],
  ] as [string, Answering, string][])('one that %s does not pass', async (_what, answer, because) => {
    expect(await ask(answer)).toEqual({ passed: false, because })
  })

  test('where a host is named, it has to be solved there', async () => {
    expect(await ask(null, { hostname: 'help.shop.example' })).toEqual({ passed: true })
    expect(await ask({ say: { success: true, score: 0.9 } })).toEqual({ passed: true })
    for (const hostname of ['else.example', undefined])
      expect(await ask({ say: { success: true, hostname } }, { hostname: 'help.shop.example' })).toEqual({
        passed: false,
        because: 'solved-elsewhere',
      })
  })

  test.each([
    ['never answers', { hang: true }],
    ['cuts the connection', { drop: true }],
    ['never ends', { endless: true }],
    ['answers no JSON', { status: 502, text: '<html>' }],
    ['answers something else', { status: 200, text: '{"success":"true"}' }],
    ['sends elsewhere', { status: 302, text: '' }],
    ['does not know the secret', { say: { success: false, 'error-codes': ['invalid-input-secret'] } }],
  ] as [string, Answering][])(
    'one that %s says nothing',
    async (_what, answer) => {
      await expect(ask(answer)).rejects.toBeInstanceOf(ChallengeUnavailable)
    },
    20_000,
  )
})

/** C24, X17: the door for people who do not sign in. */
describe.each(['single', 'distributed'] as const)('the door for strangers (%s)', topology => {
  let stand: TestSiteverify
  let world: World
  let networks = 0

  beforeAll(async () => {
    stand = await TestSiteverify.start(SECRET)
    world = await World.open(`door_${topology}`, {
      topology,
      env: { TRUSTED_PROXIES: '1', CHALLENGE_URL: stand.url, CHALLENGE_SECRET: SECRET },
    })
  })
  afterAll(async () => {
    await world?.close()
    await stand?.stop()
  })

  const matter = { subject: 'Locked out', description: 'I cannot sign in.', contact: 'kim@away.example' }
  const open = async (input: Json, from = `198.51.100.${++networks}`): Promise<Json> => {
    const { nobody } = await world.people()
    const { data, errors } = await nobody.send(
      OPEN,
      { input: { ...matter, ...input } },
      { 'x-forwarded-for': from },
    )
    expect(errors).toBeUndefined()
    return data!.openAnonymousTicket
  }
  const code = ({ userErrors }: Json) => userErrors[0]?.code ?? 'DONE'

  test('a challenge is asked for, solved once, and kept nowhere', async () => {
    expect((await open({})).userErrors).toEqual([
      { code: 'CHALLENGE_FAILED', field: 'challengeToken', facts: { because: 'missing' } },
    ])
    expect((await open({ challengeToken: 'guessed' })).userErrors).toMatchObject([
      { code: 'CHALLENGE_FAILED', facts: { because: 'invalid-input-response' } },
    ])
    const token = 'solved-and-kept-nowhere'
    expect(code(await open({ challengeToken: token }, '198.51.100.77'))).toBe('DONE')
    expect(stand.asked.at(-1)).toMatchObject({ remoteip: '198.51.100.77' })
    expect((await open({ challengeToken: token })).userErrors).toMatchObject([
      { facts: { because: 'timeout-or-duplicate' } },
    ])
    const [row] = await world.sql(
      `select count(*)::int as n from log.event e left join log.event_private p on p.event_id = e.id
       where e.payload::text like $1 or p.body::text like $1`,
      [`%${token}%`],
    )
    expect(row!.n).toBe(0)
  })

  test('nobody comes in because nobody could say, and nothing else waits for that', async () => {
    stand.answers = [{ hang: true }]
    const waiting = open({ challengeToken: 'solved-1' })
    const { sam } = await world.people()
    const begun = Date.now()
    await sam.ask('{ tickets { totalCount } }')
    expect(Date.now() - begun).toBeLessThan(4_000)
    expect(code(await waiting)).toBe('CHALLENGE_UNAVAILABLE')
    stand.answers = [{ drop: true }]
    expect(code(await open({ challengeToken: 'solved-2' }))).toBe('CHALLENGE_UNAVAILABLE')
    expect(code(await open({ challengeToken: 'solved-3', contact: 'lou@away.example' }))).toBe('DONE')
  })

  test('keys are those of one network and one address: repeated there, nobody else’s', async () => {
    const input = { idempotencyKey: '1', contact: 'mia@away.example' }
    const from = '203.0.113.50'
    const first = await open({ ...input, challengeToken: 'solved-4' }, from)
    expect(code(first)).toBe('DONE')
    const again = await open({ ...input, challengeToken: 'solved-5' }, from)
    expect(again).toMatchObject({ replayed: true, userErrors: [], accessToken: null })
    expect(code(await open({ ...input, subject: 'Another matter', challengeToken: 'solved-6' }, from))).toBe(
      'IDEMPOTENCY_MISMATCH',
    )
    for (const [more, where] of [
      [{ contact: 'nia@away.example' }, from],
      [{}, '203.0.113.51'],
    ] as [Json, string][]) {
      const other = await open(
        { ...input, ...more, subject: 'Another matter', challengeToken: `solved-${Math.random()}` },
        where,
      )
      expect(other).toMatchObject({ replayed: false, userErrors: [] })
      expect(other.number).not.toBe(first.number)
    }
    const actors = await world.sql(`select distinct actor from log.idempotency where actor like 'anonymous%'`)
    expect(actors.length).toBe(3)
    expect(JSON.stringify(actors)).not.toMatch(/mia|203\.0/)
  })
})

describe('a door that is closed', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open('door_closed', { env: { ANONYMOUS_TICKETS: 'false' } })
  })
  afterAll(() => world?.close())

  test('opens to nobody', async () => {
    const { nobody } = await world.people()
    const input = { subject: 'x', description: 'x', contact: 'kim@away.example' }
    const { openAnonymousTicket } = await nobody.ask(OPEN, { input })
    expect(openAnonymousTicket).toMatchObject({ number: null, userErrors: [{ code: 'NOT_OFFERED' }] })
  })
})
