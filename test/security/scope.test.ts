import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, World } from '../kit/world.js'
import { bare, codes, expectSound } from './kit.js'

const REFUSAL = 'replayed userErrors { code message field facts }'

/** Security 2.6, F4, F9, D15: a customer at the tickets of others. "Not yours" and "not there" are one answer, byte for byte. */
describe('a customer', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let theirs: Json
  let mine: Json
  const missing = { id: `tkt_${'0'.repeat(32)}`, number: 'TKT-2026-99999' }

  beforeAll(async () => {
    world = await World.open('security_scope')
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    await people.shop.record('users', [
      { source: 'shop', externalId: 'eve', name: 'Eve', email: 'eve@else.example' },
    ])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'else',
        name: 'Else',
        slug: 'else',
        members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
      },
    ])
    const words = { subject: 'SECRET subject', description: 'SECRET words' }
    const opened = await people.sam.act(
      'openTicket',
      { ...words, organizationId: idOf('org', 'else'), visibility: 'PUBLIC' },
      'ticket { id number } message { id }',
    )
    theirs = opened.ticket
    mine = (await rico.act('openTicket', { subject: 'Mine', description: 'Mine' }, 'ticket { id number }'))
      .ticket
    await people.sam.act('addTicketNote', { ticketId: mine.id, body: 'SECRET note' })
    await people.sam.act('replyToTicket', { ticketId: mine.id, body: 'Hello' })
  })
  afterAll(() => world?.close())

  /** The same document about something of others, and about nothing. */
  async function expectSame(query: string, one: string, other: string) {
    const [a, b] = [await rico.send(query, { x: one }), await rico.send(query, { x: other })]
    expectSound(a)
    expect(bare(a).replaceAll(one, '@')).toBe(bare(b).replaceAll(other, '@'))
    expect(bare(a)).not.toContain('SECRET')
  }

  test.each([
    'query ($x: ID!) { ticket(id: $x) { id } }',
    'query ($x: ID!) { ticketUpdate(ticketId: $x, cursor: "1") { cursor } }',
    'query ($x: ID!) { node(id: $x) { id } nodes(ids: [$x]) { id } timeline(ids: [$x]) { nodes { id } } event(id: $x) { id } }',
    'query ($x: ID!) { decision(action: "replyToTicket", target: $x) { effect limits { used } } }',
    'query ($x: ID!) { tickets(filter: { organizationId: $x }) { totalCount } }',
    `mutation ($x: ID!) { replyToTicket(input: { ticketId: $x, body: "x" }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { replyToTicket(input: { ticketId: $x, body: "x", dryRun: true }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { replyToTicket(input: { ticketId: $x, body: "x", expectedVersion: 0 }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { replyToTicket(input: { ticketId: $x, body: "x", expectedVersion: 1 }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { replyToTicket(input: { ticketId: $x, body: "x", expectedVersion: 7, idempotencyKey: "k" }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { addTicketNote(input: { ticketId: $x, body: "x" }) { ${REFUSAL} } }`,
    `mutation ($x: ID!) { openTicket(input: { subject: "a", description: "b", linkedEntityIds: [$x] }) { ${REFUSAL} } }`,
  ])('cannot tell a ticket of others from none: %s', query => expectSame(query, theirs.id, missing.id))

  test('nor by number, nor people and accounts by id, address or name', async () => {
    await expectSame('query ($x: String!) { ticket(number: $x) { id } }', theirs.number, missing.number)
    await expectSame('query ($x: ID!) { user(id: $x) { id } }', idOf('usr', 'eve'), idOf('usr', 'nobody'))
    await expectSame('query ($x: String!) { user(email: $x) { id } }', 'eve@else.example', 'no@else.example')
    await expectSame(
      'query ($x: ID!) { organization(id: $x) { id } }',
      idOf('org', 'else'),
      idOf('org', 'nothing'),
    )
    await expectSame('query ($x: String!) { organization(slug: $x) { id } }', 'else', 'nope')
    await expectSame(
      `mutation ($x: ID!) { openTicket(input: { subject: "a", description: "b", organizationId: $x }) { ${REFUSAL} } }`,
      idOf('org', 'else'),
      idOf('org', 'nothing'),
    )
  })

  test('nor by following it live', async () => {
    const follow = async (id: string) => {
      const response = await fetch(`${world.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${rico.token}`,
        },
        body: JSON.stringify({
          query: `subscription { ticketUpdated(ticketId: "${id}", after: "0") { cursor } }`,
        }),
        signal: AbortSignal.timeout(5_000),
      })
      return (await response.text()).replace(/"requestId":"[^"]+"/g, '')
    }
    const [a, b] = [await follow(theirs.id), await follow(missing.id)]
    expect(a).toBe(b)
    expect(a).toContain('NOT_FOUND')
  })

  test('reads no note of staff and no count of them, and finds closed what is not for customers', async () => {
    const answer = await rico.send(
      `query ($id: ID!) { ticket(id: $id) { subject assigneeId: assignee { id } linkedEntityIds messages { totalCount nodes { body visibility authorId } }
        timeline { nodes { id } } links { relation } organization { stripeAccountId members { totalCount } orders { totalCount } riskSummary { __typename } } } }`,
      { id: mine.id },
    )
    expect(bare(answer)).not.toContain('SECRET')
    expect(answer.data?.ticket.messages).toMatchObject({
      totalCount: 2,
      nodes: [{ visibility: 'PUBLIC' }, { visibility: 'PUBLIC' }],
    })
    expect(new Set(codes(answer))).toEqual(new Set(['FORBIDDEN']))
    expect(answer.data?.ticket).toMatchObject({ timeline: null, links: null, linkedEntityIds: null })
    for (const field of ['users', 'orders', 'approvals', 'events', 'staffMembers', 'apiTokens'])
      expect(codes(await rico.send(`{ ${field} { nodes { id } } }`))).toEqual(['FORBIDDEN'])
    expect(codes(await rico.send('{ omnibox(query: "SECRET") { hiddenCount } }'))).toEqual(['FORBIDDEN'])
    expect(codes(await rico.send('{ tickets(filter: { assigneeId: "stf_sam" }) { totalCount } }'))).toEqual([
      'FORBIDDEN',
    ])
  })
})
