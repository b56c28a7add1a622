import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Json, paidOrder, usd, World } from '../kit/world.js'
import { base64url, codes, expectSound } from './kit.js'

const AT = '2026-04-22T14:03:00.000Z'

/** Security 2.5, 2.9: whatever is sent, the answer is a refusal with a code, never INTERNAL. */
describe('hostile input', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>

  beforeAll(async () => {
    world = await World.open('security_input')
    people = await world.people()
    await paidOrder(people.shop, 'first')
  })
  afterAll(() => world?.close())

  test('forged cursors are BAD_USER_INPUT everywhere', async () => {
    const forged = [
      ...[
        5,
        null,
        {},
        [],
        true,
        '',
        'x',
        'now',
        'infinity',
        '24:00',
        '2026-02-30',
        '294277-01-01',
        1e308,
        { toPostgres: 'x' },
      ].map(at => base64url([at, 'x'])),
      base64url(["2026-01-01'; drop table x--", 'x']),
      ...[[AT], [AT, 5], [AT, null], [AT, 'x', 'y'], {}, 'x', 5, null].map(base64url),
      'x',
      '%%%',
      'a'.repeat(100_000),
    ]
    for (const after of forged) {
      const answer = await people.ada.send(
        'query ($after: String) { users(after: $after) { nodes { id } } orders(after: $after) { nodes { id } } tickets(after: $after) { nodes { id } } }',
        { after },
      )
      expectSound(answer)
      expect({ after, codes: codes(answer) }).toEqual({ after, codes: Array(3).fill('BAD_USER_INPUT') })
    }
    for (const id of ['\u0000', '\ud800', '', 'a'.repeat(10_000), 'evt_99999999999999999999'])
      expectSound(
        await people.ada.send(
          'query ($after: String) { users(after: $after) { nodes { id } } events(after: $after) { nodes { id } } }',
          { after: base64url([AT, id]) },
        ),
      )
  })

  test.each([0, -1, 101, 2 ** 31 - 1])('a page of %d is refused', async first => {
    const answer = await people.ada.send(
      'query ($first: Int!) { users(first: $first) { nodes { id } } events(first: $first) { nodes { id } } omnibox(query: "lamp", first: $first) { totalCount } }',
      { first },
    )
    expectSound(answer)
    expect(codes(answer).every(code => code === 'BAD_USER_INPUT' || code === 'QUERY_TOO_COMPLEX')).toBe(true)
    expect(codes(answer)).not.toHaveLength(0)
  })

  test('a decision about any JSON is an answer', async () => {
    const inputs: unknown[] = [
      { reason: JSON.parse('{"toString":1,"valueOf":1}') },
      { reason: [] },
      { reason: 'constructor' },
      { amount: [] },
      { amount: { amount: 1, currency: '__proto__' } },
      { amount: { amount: -1e15, currency: 'USD' } },
      { orderId: {}, amount: usd(1) },
      { orderId: 'a'.repeat(100_000), amount: usd(1) },
      JSON.parse('{"__proto__":{"amount":1},"constructor":1}'),
    ]
    for (const input of inputs)
      expectSound(
        await people.sam.send(
          'query ($input: JSONObject) { decision(action: "issueRefund", input: $input) { effect reasons { code } } }',
          { input },
        ),
      )
    const { decision } = await people.sam.ask(
      '{ decision(action: "issueRefund", input: { reason: "constructor" }) { reasons { code } } }',
    )
    expect(decision.reasons).toContainEqual({ code: 'REASON_UNKNOWN' })
    expect(
      codes(await people.sam.send('{ decision(action: "issueRefund", input: { a: 1e999 }) { effect } }')),
    ).toEqual(['BAD_USER_INPUT'])
  })

  test('approving has a form like asking: lengths, characters, hash', async () => {
    const orderId = await paidOrder(people.shop, 'form', usd(500_00))
    const asked = await people.sam.act('issueRefund', {
      orderId,
      amount: usd(200_00),
      reason: 'GOODWILL',
      idempotencyKey: 'form',
    })
    const approvalId = asked.approval.id
    const wrong: Json[] = [
      { approvalId, note: 'a\u0000b' },
      { approvalId, note: 'a\ud800' },
      { approvalId, note: 'a'.repeat(1_000_000) },
      { approvalId, idempotencyKey: 'a'.repeat(1_000_000) },
      { approvalId, expectedInputHash: '' },
      { approvalId: 'a'.repeat(1_000_000) },
    ]
    for (const input of wrong)
      expect((await people.fay.act('approveIssueRefund', input)).userErrors).toMatchObject([
        { code: 'INVALID' },
      ])
    expect(
      (await people.fay.act('approveIssueRefund', { approvalId, expectedInputHash: '0'.repeat(64) }))
        .userErrors,
    ).toMatchObject([{ code: 'CONFLICT' }])
    const token = await people.fay.act('issueToken', { name: 'script', reason: 'AUTOMATION' }, 'secret')
    const script = Object.assign(Object.create(people.fay), { token: token.secret })
    expect((await script.act('approveIssueRefund', { approvalId })).userErrors).toMatchObject([
      { code: 'STEP_UP_REQUIRED' },
    ])
    expect((await people.fay.act('approveIssueRefund', { approvalId })).userErrors).toEqual([])
  })

  test('sums that cannot be held are a problem of that record alone', async () => {
    const checkout = (externalId: string, lines: Json[]) => ({
      source: 'shop',
      externalId,
      placedAt: AT,
      orders: [{ externalId, lines }],
    })
    const line = (amount: number, quantity = 1) => ({ title: 'Lamp', quantity, unitPrice: usd(amount) })
    const { created, problems } = await people.shop.record('checkouts', [
      checkout('huge', [line(1e15, 2 ** 31 - 1)]),
      checkout('many', Array(20).fill(line(1e15))),
      checkout('good', [line(1_00)]),
    ])
    expect({ created, problems }).toMatchObject({ created: 1, problems: [{ index: 0 }, { index: 1 }] })
  })

  test('lists of texts are looked at too', async () => {
    for (const text of ['\u0000', '\ud800', 'a'.repeat(100_000), '__proto__'])
      for (const idempotencyKey of [null, `k${text.length}${text.charCodeAt(0)}`])
        expectSound(
          await people.sam.send(
            'mutation ($i: OpenTicketInput!) { openTicket(input: $i) { userErrors { code } } }',
            {
              i: { subject: 'a', description: 'b', linkedEntityIds: [text], idempotencyKey },
            },
          ),
        )
  })

  test('the omnibox takes no patterns from outside', async () => {
    const find = (query: string) =>
      people.sam.send('query ($query: String!) { omnibox(query: $query) { totalCount } }', { query })
    await people.shop.record('users', [
      { source: 'shop', externalId: 'pat', name: 'Quinn', email: 'quinn@zebra.example' },
    ])
    expect((await find('inn@zeb')).data?.omnibox.totalCount).toBe(1)
    for (const query of ['q%n@z%', '%nn@zeb%', 'q__nn@zeb', '%%@zeb%.%exa', '\\%inn@zeb']) {
      const answer = await find(query)
      expectSound(answer)
      expect({ query, found: answer.data?.omnibox?.totalCount ?? 0 }).toEqual({ query, found: 0 })
    }
    for (const query of [
      "o'brien",
      '"; select 1',
      'abc\u0000',
      '\ud800abc',
      'a'.repeat(1_000_000),
      'ﷺ'.repeat(512),
    ])
      expectSound(await find(query))
  })

  test('names of prototypes are names', async () => {
    for (const alias of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const answer = await people.sam.send(`query ${alias} { ${alias}: me { ${alias}: id } }`)
      expectSound(answer)
      expect(Object.hasOwn(answer.data!, alias)).toBe(true)
    }
    expect(({} as Json).id).toBeUndefined()
  })

  test('bombs are refused, or are none', async () => {
    const chain = (types: string[], length: number) =>
      `{ node(id: "ord_x") { ...f0 } } ${Array.from(
        { length },
        (_, i) =>
          `fragment f${i} on Node { ${types.map(type => `... on ${type} { links(first: 1) { node { ...f${i + 1} } } }`).join(' ')} }`,
      ).join(' ')} fragment f${length} on Node { id }`
    const documents = [
      chain(['Order', 'User', 'Ticket'], 5),
      chain(['Order', 'User'], 7),
      `{ ${'me { id } '.repeat(900)} }`,
      `{ ...a0 } ${Array.from({ length: 14 }, (_, i) => `fragment a${i} on Query { ...a${i + 1} ...a${i + 1} }`).join(' ')} fragment a14 on Query { me { id } }`,
      '{ me { id } ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
      `{ ${Array.from({ length: 700 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
    ]
    await people.sam.ask('{ me { id } }')
    for (const document of documents) {
      const started = performance.now()
      expectSound(await people.sam.send(document))
      expect(performance.now() - started).toBeLessThan(2_500)
    }
  })

  test('of two mutations in one operation, one that fails leaves the answer of the other', async () => {
    const answer = await people.sam.send(
      `mutation { a: hireStaff(input: { name: "x", email: "x@x.example", roles: [AUDITOR], reason: AUDIT }) { replayed }
        b: assignTicketToMe(input: { ticketId: "tkt_x" }) { userErrors { code } } }`,
    )
    expect(answer).toMatchObject({
      status: 200,
      data: { a: null, b: { userErrors: [{ code: 'NOT_FOUND' }] } },
    })
    expect(answer.errors).toMatchObject([{ path: ['a'], extensions: { code: 'FORBIDDEN' } }])
  })
})
