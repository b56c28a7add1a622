import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient as createStream } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, paidOrder, until, World } from '../kit/world.js'

/** Fields of accounts, support, audit and orders: what an update shows comes from all over the graph. */
const FOR_ALL = `
  cursor event { id type change }
  ticket { number status organization { name sites { nodes { slug } } } requester { email } messages(first: 100) { nodes { body visibility } } }`
const FOR_STAFF = `${FOR_ALL} staffOnly: ticket { assignee { email roles } links { relation node { id ... on Order { refundable { amount } } } } }`
/** Small, for those that read along with many events. */
const BRIEF = 'cursor event { id type }'

const follow = (selection: string) =>
  `subscription ($ticketId: ID!, $after: String) { ticketUpdated(ticketId: $ticketId, after: $after) { ${selection} } }`

/** Somebody who follows something: what came so far, and how it ended. */
interface Follower {
  got: Json[]
  errors: Json[]
  ended: Promise<unknown>
  stop(): void
}

interface Client {
  subscribe: ReturnType<typeof createSocket>['subscribe']
  dispose(): unknown
}

type Over = 'WebSocket' | 'SSE'

const clientOf = (over: Over, { token, world: { url } }: Person): Client => {
  const authorization = `Bearer ${token}`
  return over === 'WebSocket'
    ? createSocket({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: token ? { authorization } : {},
      })
    : (createStream({
        url: `${url}/graphql`,
        retryAttempts: 0,
        headers: token ? { authorization } : {},
      }) as unknown as Client)
}

function listen(over: Over, who: Person, query: string, variables: Json = {}): Follower {
  const client = clientOf(over, who)
  const got: Json[] = []
  const errors: Json[] = []
  const ended = new Promise(resolve => {
    client.subscribe(
      { query, variables },
      {
        next: ({ data, errors: told }: Json) => {
          if (told) errors.push(...told)
          if (data?.ticketUpdated) got.push(data.ticketUpdated)
        },
        error: resolve,
        complete: () => resolve('complete'),
      },
    )
  })
  return { got, errors, ended, stop: () => void client.dispose() }
}

const types = ({ got }: Follower): string[] => got.map(({ event }) => event.type)
const ids = ({ got }: Follower): string[] => got.map(({ event }) => event.id)

/** Live tickets (E3, security 2.7), in both topologies. */
describe.each(['single', 'distributed'] as const)('a ticket, live (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let eve: Person
  let orderId: string

  beforeAll(async () => {
    world = await World.open(`live_${topology}`, {
      topology,
      process: 'own',
    })
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
    await people.shop.record('users', [
      { source: 'shop', externalId: 'eve', name: 'Eve', email: 'eve@else.example' },
    ])
    await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'else',
        name: 'Somewhere Else',
        members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
      },
    ])
    eve = await world.person(idOf('usr', 'eve'))
    orderId = await paidOrder(people.shop, 'live-1')
  })
  afterAll(() => world?.close())

  /** A ticket of Rico's about an order; its event and those before are not seen by who follows from now on. */
  async function opened(): Promise<string> {
    const { organizations } = (await rico.ask('{ me { organizations { id } } }')).me
    const { ticket, userErrors } = await people.sam.act(
      'openTicket',
      {
        subject: 'Where is my lamp?',
        description: 'It should be here.',
        visibility: 'PUBLIC',
        organizationId: organizations[0].id,
        requesterId: rico.id,
        linkedEntityIds: [orderId],
      },
      'ticket { id }',
    )
    expect(userErrors).toEqual([])
    // What is sealed later than somebody begins to follow is news to them.
    await until(async () => {
      const [row] = await world.sql('select count(*)::int as unsealed from log.event_unsealed')
      return row!.unsealed === 0
    })
    await sleep(300)
    return ticket.id
  }
  const reply = async (who: Person, ticketId: string, body: string) => {
    const { userErrors, events } = await who.act('replyToTicket', { ticketId, body })
    expect(userErrors).toEqual([])
    return events[0].id as string
  }
  const note = async (who: Person, ticketId: string, body: string) =>
    expect((await who.act('addTicketNote', { ticketId, body })).userErrors).toEqual([])

  test.each(['WebSocket', 'SSE'] as const)(
    'over %s two people follow one ticket; notes and who wrote them stay with staff',
    async over => {
      const ticketId = await opened()
      const sam = listen(over, people.sam, follow(FOR_STAFF), { ticketId })
      const customer = listen(over, rico, follow(FOR_ALL), { ticketId })
      await sleep(2_000)
      expect((await people.lea.act('assignTicketToMe', { ticketId })).userErrors).toEqual([])
      await reply(people.lea, ticketId, 'We are looking.')
      await note(people.sam, ticketId, 'Smells of the-fraud-ring')
      await reply(rico, ticketId, 'Thank you.')
      await until(() => sam.got.length === 4 && customer.got.length === 3)
      await sleep(300)

      expect(types(sam)).toEqual([
        'SupportCaseUpdated',
        'SupportReplyPosted',
        'SupportNoteAdded',
        'SupportReplyPosted',
      ])
      expect(types(customer)).toEqual(['SupportCaseUpdated', 'SupportReplyPosted', 'SupportReplyPosted'])
      const cursors = sam.got.map(({ cursor }) => Number(cursor))
      expect(cursors).toEqual([...new Set(cursors)].sort((a, b) => a - b))
      expect(ids(customer)).toEqual(ids(sam).filter((_, n) => n !== 2))

      const [first] = sam.got
      expect(first).toMatchObject({
        event: { change: 'ASSIGNEE' },
        ticket: {
          number: expect.stringMatching(/^TKT-\d{4}-\d{5}$/),
          organization: { name: 'Alpenglow Outfitters', sites: { nodes: [{ slug: 'alpenglow-shop' }] } },
          requester: { email: 'rico@alpenglow.example' },
        },
        staffOnly: {
          assignee: { email: 'lea@opsgraph.example', roles: ['SUPPORT_LEAD'] },
          links: expect.arrayContaining([
            expect.objectContaining({ node: { id: orderId, refundable: { amount: 150_00 } } }),
          ]),
        },
      })
      const bodies = (update: Json) => update.ticket.messages.nodes.map(({ body }: Json) => body).sort()
      const publicly = ['It should be here.', 'Thank you.', 'We are looking.']
      expect(bodies(customer.got.at(-1)!)).toEqual(publicly)
      expect(bodies(sam.got.at(-1)!)).toEqual([...publicly, 'Smells of the-fraud-ring'].sort())
      expect([sam.errors, customer.errors]).toEqual([[], []])
      expect(JSON.stringify(customer.got)).not.toMatch(/fraud-ring|SupportNoteAdded|PRIVATE/)
      sam.stop()
      customer.stop()
    },
  )

  test('what is only for staff is refused to the customer, event by event, and the rest comes', async () => {
    const ticketId = await opened()
    const nosy = listen('SSE', rico, follow(`${BRIEF} ticket { number assignee { email } }`), { ticketId })
    await sleep(700)
    await people.lea.act('assignTicketToMe', { ticketId })
    await until(() => nosy.got.length + nosy.errors.length > 0)
    expect(JSON.stringify(nosy.got)).not.toContain('lea@')
    expect(nosy.errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    nosy.stop()
  })

  test('from the beginning of the log a customer gets the public events, in order, and none of the notes', async () => {
    const ticketId = await opened()
    await reply(people.sam, ticketId, 'One.')
    await note(people.sam, ticketId, 'Not for them.')
    await reply(rico, ticketId, 'Two.')
    const customer = listen('SSE', rico, follow(FOR_ALL), { ticketId, after: '0' })
    await until(() => customer.got.length === 3)
    expect(types(customer)).toEqual(['SupportCaseOpened', 'SupportReplyPosted', 'SupportReplyPosted'])
    customer.stop()
  })

  /** Reads in pieces: each time goes on behind the last cursor that came. */
  class Reader {
    readonly seen: Json[] = []
    #follower: Follower | null = null

    constructor(
      readonly over: Over,
      readonly ticketId: string,
    ) {}

    start() {
      const after = this.seen.at(-1)?.cursor ?? '0'
      this.#follower = listen(this.over, people.lea, follow(BRIEF), { ticketId: this.ticketId, after })
    }
    /** Stops in the middle of whatever is on its way. */
    stop() {
      this.#follower!.stop()
      this.seen.push(...this.#follower!.got)
    }
    async wasCut() {
      await this.#follower!.ended
      this.seen.push(...this.#follower!.got)
    }
    has(count: number) {
      return this.seen.length + this.#follower!.got.length >= count
    }
  }

  test('one goes on with `after`, without gap or duplicate, while events go on and after a kill -9', async () => {
    const ticketId = await opened()
    const posted: string[] = []
    let lost = 0
    /** As a script would: the same call with the same key, until there is an answer. */
    const write = async (n: number) => {
      for (;;) {
        const input = { ticketId, body: `Reply ${n}`, idempotencyKey: `${ticketId}-${n}` }
        const answer = await people.sam.act('replyToTicket', input).catch(() => null)
        if (answer) return posted.push(answer.events[0].id)
        lost++
        await sleep(100)
      }
    }
    const readers = (['WebSocket', 'SSE'] as const).map(over => new Reader(over, ticketId))
    const all = (step: 'start' | 'stop') => readers.forEach(reader => void reader[step]())
    all('start')
    let isEnough = false
    const writing = (async () => {
      for (let n = 0; !isEnough; n++) await write(n)
    })()
    for (const so of [8, 16, 24]) {
      await until(() => posted.length >= so)
      all('stop')
      all('start')
    }
    await until(() => posted.length >= 32)
    await world.kill()
    await Promise.all(readers.map(reader => reader.wasCut()))
    await until(() => lost > 0)
    await world.start()
    all('start')
    const before = posted.length
    await until(() => posted.length >= before + 12)
    all('stop')
    all('start')
    isEnough = true
    await writing
    // The opening is one too.
    await until(() => readers.every(reader => reader.has(posted.length + 1)))
    await sleep(300)
    all('stop')

    const recorded = await world.sql(
      `select 'evt_' || e.id as id, e.type, p.pos::text as pos from log.event e join log.event_pos p on p.event_id = e.id
       where e.stream_id = $1 order by p.pos`,
      [ticketId],
    )
    expect(recorded.slice(1).map(({ id }) => id)).toEqual(posted)
    for (const { seen } of readers)
      expect(seen.map(({ cursor, event }) => ({ ...event, pos: cursor }))).toEqual(recorded)
  })

  test('a cursor of another log, or none at all, is refused', async () => {
    const ticketId = await opened()
    for (const after of ['999999999', 'yesterday', '-1']) {
      const refused = listen('SSE', people.sam, follow(BRIEF), { ticketId, after })
      await refused.ended
      expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })

  test.each(['WebSocket', 'SSE'] as const)(
    'over %s what is not yours is answered like what is not there, and no token opens nothing',
    async over => {
      const ticketId = await opened()
      const told = async (who: Person, id: string) => {
        const refused = listen(over, who, follow(BRIEF), { ticketId: id })
        const ended = await refused.ended
        const errors = over === 'SSE' ? refused.errors : (ended as Json[])
        return errors.map(({ message, extensions: { code } }) => ({ message, code }))
      }
      const foreign = await told(eve, ticketId)
      expect(foreign).toMatchObject([{ code: 'NOT_FOUND' }])
      expect(await told(eve, 'tkt_00000000000000000000000000')).toEqual(foreign)

      const anonymous = await listen(over, people.nobody, follow(BRIEF), { ticketId }).ended
      expect(anonymous).toMatchObject(over === 'SSE' ? { response: { status: 401 } } : { code: 4403 })
    },
  )

  test('who loses their role is let go within three seconds, though nothing happens', async () => {
    const { ada, lea, sam } = people
    const ticketId = await opened()
    const [socket, stream, other] = [
      listen('WebSocket', lea, follow(BRIEF), { ticketId }),
      listen('SSE', lea, follow(BRIEF), { ticketId }),
      listen('WebSocket', sam, follow(BRIEF), { ticketId }),
    ]
    await sleep(1_000)
    const role = { staffId: lea.id, role: 'SUPPORT_LEAD' }
    expect((await ada.act('revokeRole', { ...role, reason: 'MISUSE' })).userErrors).toEqual([])
    const start = performance.now()
    const closed = await socket.ended
    const ended = await stream.ended
    expect(performance.now() - start).toBeLessThan(3_000)
    expect(closed).toMatchObject({ code: 4403 })
    expect(ended).toBe('complete')
    await note(sam, ticketId, 'They are gone.')
    // The ticket's opening may have been sealed only after they began to listen: what counts is what came after they lost the role.
    const noted = ({ event }: Json) => event.type === 'SupportNoteAdded'
    await until(() => other.got.some(noted))
    expect([...socket.got, ...stream.got].filter(noted)).toEqual([])
    other.stop()
    expect(await listen('WebSocket', lea, follow(BRIEF), { ticketId }).ended).not.toBe('complete')
    await ada.act('grantRole', { ...role, reason: 'COVER', idempotencyKey: 'back' })
  })

  test('queries and mutations are refused over the socket and the stream, and do nothing', async () => {
    const ticketId = await opened()
    const mutation = `mutation { replyToTicket(input: { ticketId: "${ticketId}", body: "Through the back door" }) { ticket { id } } }`
    for (const query of ['{ me { id } }', mutation]) {
      const ended = await listen('WebSocket', people.sam, query).ended
      expect(ended).toMatchObject([{ extensions: { code: 'BAD_REQUEST' } }])
      const stream = listen('SSE', people.sam, query)
      const answer = await stream.ended
      expect([...stream.errors, answer]).toContainEqual(
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_REQUEST' }) }),
      )
    }
    const { ticket } = await people.sam.ask(
      'query ($id: ID!) { ticket(id: $id) { messages { totalCount } } }',
      { id: ticketId },
    )
    expect(ticket.messages.totalCount).toBe(1)
  })
})
