import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient as createStream } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const HOLD = 20_000
const QUERY = `subscription ($after: String) { notificationAdded(after: $after) {
  cursor notification { template title body recipientId aboutIds readAt } } }`

interface Follower {
  got: Json[]
  ended: Promise<unknown>
  stop(): void
}

type Over = 'WebSocket' | 'SSE'

function follow(over: Over, { token, world: { url } }: Person, after: string | null = null): Follower {
  const authorization = `Bearer ${token}`
  const client =
    over === 'WebSocket'
      ? createSocket({
          url: `${url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: token ? { authorization } : {},
        })
      : createStream({ url: `${url}/graphql`, retryAttempts: 0, headers: token ? { authorization } : {} })
  const got: Json[] = []
  const ended = new Promise(resolve => {
    client.subscribe(
      { query: QUERY, variables: { after } },
      {
        next: (value: Json) => void got.push(value.data?.notificationAdded ?? value),
        error: resolve,
        complete: () => resolve('complete'),
      },
    )
  })
  return { got, ended, stop: () => void client.dispose() }
}

/** D27: what people are told reaches them while they look. */
describe.each([
  ['single', 'WebSocket'],
  ['distributed', 'SSE'],
] as const)('news, live (%s, %s)', (topology, over) => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let otto: Person
  let vera: Person

  beforeAll(async () => {
    world = await World.open(`notifications_live_${topology}`, { topology, env: { MAIL: 'off' } })
    people = await world.people()
    await people.shop.record(
      'users',
      ['olga', 'otto', 'vera'].map(externalId => ({ source: 'shop', externalId, name: externalId })),
    )
    const owner = (user: string) => ({ user, role: 'OWNER' })
    await people.shop.record('organizations', [
      { source: 'shop', externalId: 'lamps', name: 'Lamps', members: [owner('olga'), owner('otto')] },
      { source: 'shop', externalId: 'rugs', name: 'Rugs', members: [owner('vera')] },
    ])
    ;[olga, otto, vera] = (await Promise.all(
      ['olga', 'otto', 'vera'].map(name => world.person(idOf('usr', name))),
    )) as [Person, Person, Person]
  })
  afterAll(() => world?.close())

  const told = async (id: string, channel: string): Promise<void> => {
    await until(async () => {
      const rows = await world.sql(
        `select id from support.message_delivery where ticket_id = $1 and channel = $2 and state = 'HELD'`,
        [id, channel],
      )
      return rows.length > 0
    })
    world.advance(HOLD)
  }

  test('each gets their own, at once, and nobody another’s; who comes back goes on behind the last', async () => {
    const { sam, lea } = people
    const all = { olga, otto, vera, sam, lea }
    const followers = Object.fromEntries(
      Object.entries(all).map(([name, person]) => [name, follow(over, person)]),
    ) as Record<keyof typeof all, Follower>
    await sleep(2_000)
    const { ticket } = await olga.act(
      'openTicket',
      { subject: 'A lamp', description: 'It flickers.' },
      'ticket { id number }',
    )
    const ticketId = ticket.id
    await sam.act('assignTicketToMe', { ticketId })
    await sam.act('addTicketNote', { ticketId, body: 'Only for us: quokka' })
    await sam.act('replyToTicket', { ticketId, body: 'We look into it.' })
    await told(ticketId, 'IN_APP')
    await until(() => followers.olga.got.length === 1)
    expect(followers.olga.got[0]).toMatchObject({
      cursor: expect.stringMatching(/^\d+$/),
      notification: {
        template: 'TICKET_ANSWERED',
        recipientId: olga.id,
        body: 'We look into it.',
        readAt: null,
      },
    })
    await olga.act('replyToTicket', { ticketId, body: 'Thank you.' })
    await until(() => followers.sam.got.length === 1)
    expect(followers.sam.got[0]!.notification).toMatchObject({
      template: 'TICKET_FOLLOW_UP',
      recipientId: sam.id,
    })

    // Of a ticket that is nobody's own the account is told, and with it those who see its tickets.
    const organizationId = idOf('org', 'lamps')
    const accounts = await sam.act(
      'openTicket',
      { subject: 'For all', description: 'Hello all.', organizationId, visibility: 'PUBLIC' },
      'ticket { id }',
    )
    await told(accounts.ticket.id, 'IN_APP')
    await until(() => followers.olga.got.length === 2 && followers.otto.got.length === 1)
    expect(followers.otto.got[0]!.notification.recipientId).toBe(organizationId)
    await sleep(500)
    expect([followers.vera.got, followers.lea.got]).toEqual([[], []])
    expect(JSON.stringify(followers.olga.got)).not.toContain('quokka')
    for (const one of Object.values(followers)) one.stop()

    const again = follow(over, olga, followers.olga.got[0]!.cursor)
    await until(() => again.got.length === 1)
    expect(again.got).toEqual([followers.olga.got[1]])
    again.stop()
    const { notificationUpdate } = await vera.ask(
      'query ($c: String!) { notificationUpdate(cursor: $c) { notification { body } } }',
      { c: followers.olga.got[0]!.cursor },
    )
    expect(notificationUpdate).toBeNull()
  })

  test('nobody without a name', async () => {
    const { got, ended, stop } = follow(over, people.nobody)
    expect(await Promise.race([ended, sleep(5_000, 'still there')])).not.toBe('still there')
    expect(got).toEqual([])
    stop()
  })
})
