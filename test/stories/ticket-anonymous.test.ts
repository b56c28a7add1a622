import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { networkOf } from '#subgraphs/support/strangers/strangers.js'
import { type Answer, type Json, type Person, World } from '../kit/world.js'

const OPEN = `mutation ($input: OpenAnonymousTicketInput!) { openAnonymousTicket(input: $input) {
  number accessToken events { type version } userErrors { code field facts } } }`
const REPLY = `mutation ($input: ReplyToAnonymousTicketInput!) { replyToAnonymousTicket(input: $input) {
  events { type version } userErrors { code field } } }`
const READ = `query ($token: String!) { anonymousTicket(token: $token) {
  number subject status category version createdAt updatedAt closesAt messages { kind body authorName at } } }`
const CANARY = 'quokka-hedge'

test('a network is a person of IPv4, or a household of IPv6', () => {
  expect(
    ['10.1.2.3', '::ffff:10.1.2.3', '2001:DB8:1:2:3:4:5:6', '2001:db8::1', '::1', null].map(networkOf),
  ).toEqual(['10.1.2.3', '10.1.2.3', '2001:db8:1:2', '2001:db8:0:0', '0:0:0:0', 'unknown'])
})

/** C24, X17: people who do not sign in. */
describe('tickets of strangers', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let nobody: Person
  let networks = 0

  beforeAll(async () => {
    world = await World.open('ticket_anonymous', { env: { TRUSTED_PROXIES: '1' } })
    people = await world.people()
    nobody = people.nobody
  })
  afterAll(() => world?.close())

  const matter = { subject: 'Locked out', description: 'I cannot sign in.', category: 'ACCOUNT_HELP' }
  const open = (input: Json = {}, from = `198.51.100.${++networks}`): Promise<Answer> =>
    nobody.send(
      OPEN,
      { input: { ...matter, contact: `kim${networks}@away.example`, ...input } },
      { 'x-forwarded-for': `203.0.113.9, ${from}` },
    )
  const opened = async (input: Json = {}, from?: string): Promise<Json> => {
    const { data, errors } = await open(input, from)
    expect(errors).toBeUndefined()
    expect(data!.openAnonymousTicket.userErrors).toEqual([])
    return data!.openAnonymousTicket
  }
  const read = async (token: string): Promise<Json | null> =>
    (await nobody.ask(READ, { token })).anonymousTicket
  const forStaff = async (number: string, who: Person, fields: string): Promise<Answer> =>
    who.send(`query ($number: String!) { ticket(number: $number) { ${fields} } }`, { number })

  test('somebody opens one, reads its public side, and answers; staff see that nobody verified them', async () => {
    const { sam, lea, fay, aldo } = people
    const { number, accessToken: token, events } = await opened({ contact: 'kim@away.example', name: 'Kim' })
    expect(events).toEqual([{ type: 'SupportCaseOpened', version: 1 }])
    const first = await read(token)
    expect(first).toMatchObject({
      number,
      status: 'OPEN',
      version: 1,
      messages: [{ kind: 'USER_MESSAGE', body: 'I cannot sign in.', authorName: null }],
    })

    const { ticket } = (
      await forStaff(
        number,
        sam,
        'id isUnverified slaDueAt contactEmail contactName maskedContact channel queue { id } organization { id } requester { id }',
      )
    ).data as Json
    expect(ticket).toMatchObject({
      isUnverified: true,
      slaDueAt: expect.any(String),
      contactEmail: 'kim@away.example',
      contactName: 'Kim',
      maskedContact: 'k•••@away.example',
      channel: 'ANONYMOUS_FORM',
      organization: null,
      requester: null,
    })
    for (const who of [fay, aldo]) {
      const masked = await forStaff(number, who, 'maskedContact')
      expect(masked.data!.ticket).toEqual({ maskedContact: 'k•••@away.example' })
      const refused = await forStaff(number, who, 'contactEmail')
      expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      expect(JSON.stringify(refused)).not.toContain('kim@')
    }

    const ticketId = ticket.id
    await lea.act('addTicketNote', { ticketId, body: `Between us: ${CANARY}` })
    await lea.act('tagTicket', { ticketId, add: [CANARY] })
    expect(await read(token)).toEqual(first)
    await sam.act('replyToTicket', { ticketId, body: 'Which page?' })
    await sam.act('setTicketStatus', {
      ticketId,
      status: 'WAITING_ON_BUYER',
      statusReason: 'INFORMATION_REQUESTED',
    })
    const said = await nobody.ask(REPLY, { input: { token, body: 'The first one.' } })
    expect(said.replyToAnonymousTicket.userErrors).toEqual([])
    const now = await read(token)
    expect(now).toMatchObject({
      status: 'OPEN',
      messages: [
        { kind: 'USER_MESSAGE', body: 'The first one.', authorName: null },
        { kind: 'STAFF_REPLY', body: 'Which page?', authorName: 'Sam' },
        { kind: 'USER_MESSAGE' },
      ],
    })
    expect(JSON.stringify(now)).not.toMatch(new RegExp(`${CANARY}|stf_|@`))

    await sam.act('resolveTicket', { ticketId, resolution: 'It works again.', statusReason: 'FIXED' })
    await lea.act('closeTicket', { ticketId, early: 'TEST' })
    const whole = await forStaff(
      number,
      lea,
      'openedById statusHistory { actorName actorId reference } reference timeline { nodes { type actor { id } } } messages { nodes { authorId reference } }',
    )
    expect(whole.errors).toBeUndefined()
    const late = await nobody.ask(REPLY, { input: { token, body: 'Hello?' } })
    expect(late.replyToAnonymousTicket.userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
    expect(await read(token)).toMatchObject({ status: 'CLOSED' })
  })

  test('a token opens one ticket and nothing else, and no customer sees it', async () => {
    const one = await opened()
    const other = await opened()
    const [version, kid, id, mac] = one.accessToken.split('.')
    const otherId = other.accessToken.split('.')[2]
    for (const token of [
      '',
      'v1',
      [version, kid, otherId, mac].join('.'),
      [version, kid, id, `A${mac.slice(1)}x`].join('.'),
      [version, 'none', id, mac].join('.'),
      `${one.accessToken}.x`,
    ]) {
      expect(await read(token)).toBeNull()
      if (!token) continue
      const { replyToAnonymousTicket } = await nobody.ask(REPLY, { input: { token, body: 'x' } })
      expect(replyToAnonymousTicket.userErrors).toEqual([{ code: 'NOT_FOUND', field: 'token' }])
    }
    const rico = await world.person(DEMO_REQUESTER_ID)
    expect((await forStaff(one.number, rico, 'id')).data?.ticket ?? null).toBeNull()

    const signed = `query ($id: ID!) { ticket(id: $id) { number } }`
    for (const [query, variables] of [
      [signed, { id }],
      ['{ tickets { totalCount } }', {}],
      [`mutation { replyToTicket(input: { ticketId: "${id}", body: "x" }) { events { id } } }`, {}],
      [`mutation { openTicket(input: { subject: "x", description: "x" }) { events { id } } }`, {}],
      [`mutation { addTicketNote(input: { ticketId: "${id}", body: "x" }) { events { id } } }`, {}],
      [`${READ.slice(0, -1)} tickets { totalCount } }`, { token: one.accessToken }],
      ['{ __schema { types { name } } }', {}],
    ] as [string, Json][]) {
      const { status, data, errors } = await nobody.send(query, variables)
      expect({ query, status, data: data ?? null, code: errors?.[0]?.extensions.code }).toEqual({
        query,
        status: 401,
        data: null,
        code: 'UNAUTHENTICATED',
      })
    }
  })

  test('what is wrong is refused; who is signed in has a road of their own; spam is kept apart', async () => {
    const { sam, lea } = people
    const refusals = async (input: Json) => (await open(input)).data?.openAnonymousTicket.userErrors
    for (const contact of [
      'kim',
      'kim@',
      '@away.example',
      'kim@away',
      'a b@away.example',
      'a@b@away.example',
    ])
      expect(await refusals({ contact })).toMatchObject([{ code: 'INVALID', field: 'contact' }])
    expect(await refusals({ subject: '  ' })).toMatchObject([{ code: 'INVALID', field: 'subject' }])
    expect(await refusals({ description: 'x'.repeat(20_001) })).toMatchObject([{ field: 'description' }])
    expect(await refusals({ name: 'K\u202eim' })).toMatchObject([{ code: 'INVALID', field: 'name' }])
    const staff = await sam.ask(OPEN, { input: { ...matter, contact: 'sam@away.example' } })
    expect(staff.openAnonymousTicket.userErrors).toMatchObject([{ code: 'INVALID' }])

    const rules = [
      { name: 'Lottery', when: { words: ['lottery'] }, filter: 'SPAM', because: 'We have none.' },
    ]
    await lea.act('changeRoutingRules', { rules })
    const { number, accessToken } = await opened({ subject: 'You won the lottery' })
    expect((await forStaff(number, sam, 'filterState filteredBy')).data!.ticket).toEqual({
      filterState: 'SPAM',
      filteredBy: 'Lottery',
    })
    expect(await read(accessToken)).toMatchObject({ number, status: 'OPEN' })
  })

  test('five an hour from one network, and for one address, also when they come at once', async () => {
    const codes = (answers: Answer[]) =>
      answers.map(({ data }) => data!.openAnonymousTicket.userErrors[0]?.code ?? 'DONE').sort()
    const from = '192.0.2.77'
    const eight = await Promise.all(
      Array.from({ length: 8 }, (_, n) => open({ contact: `lou${n}@away.example` }, from)),
    )
    expect(codes(eight)).toEqual([...Array(5).fill('DONE'), ...Array(3).fill('RATE_LIMITED')])
    const { data } = await open({ contact: 'lou9@away.example' }, from)
    const [{ facts }] = data!.openAnonymousTicket.userErrors
    expect(Date.parse(facts.retryAt)).toBeGreaterThan(world.now.getTime())
    await opened({ contact: 'lou9@away.example' })

    const same = await Promise.all(Array.from({ length: 7 }, () => open({ contact: 'Mia@away.example' })))
    expect(codes(same)).toEqual([...Array(5).fill('DONE'), ...Array(2).fill('RATE_LIMITED')])

    world.advance(3_601_000)
    await opened({ contact: 'lou9@away.example' }, from)
    await opened({ contact: 'mia@away.example' })
    const names = await world.sql('select name from support.stranger_act')
    expect(JSON.stringify(names)).not.toMatch(/192\.|mia@|lou\d*@/)
  })
})
