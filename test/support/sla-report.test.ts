import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Days without business in the weeks of this story, as the law has them. */
const HOLIDAYS = ['2027-05-31', '2027-06-18']
const PERIOD = { from: '2027-05-01T00:00:00.000Z', until: '2027-07-01T00:00:00.000Z' }
const PERCENTILES = '{ count p50 p90 p95 }'
const BUCKET = `{ key due met breached open nearBreach canceled shareMet timeUsed ${PERCENTILES} timeToResolution ${PERCENTILES} }`
const REPORT = `query ($from: DateTime!, $until: DateTime!, $groupBy: SlaGrouping!, $filter: TicketFilter) {
  slaReport(from: $from, until: $until, groupBy: $groupBy, filter: $filter) { asOf leftOut total ${BUCKET} buckets ${BUCKET} } }`

interface Logged {
  ticket: string
  type: string
  at: number
  data: Json
}

/** Time that counts between two moments: whole days of UTC, Monday to Friday without holidays. Reckoned by itself, minute for minute of no use of the product's calendar. */
function businessMs(from: number, to: number): number {
  let sum = 0
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    const isOff =
      [0, 6].includes(new Date(day).getUTCDay()) ||
      HOLIDAYS.includes(new Date(day).toISOString().slice(0, 10))
    if (!isOff) sum += Math.min(day + DAY, to) - Math.max(day, from)
  }
  return sum
}

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return groups
}

interface Promised {
  ticket: string
  began: number
  state: 'MET' | 'BREACHED' | 'OPEN' | 'CANCELED'
  isNear: boolean
  used: number | null
  took: number | null
}

const PAUSING = ['WAITING_ON_BUYER', 'WAITING_ON_SELLER', 'RESOLVED']

/** What became of the promises of one ticket, told from its events alone. */
function promisesOf(all: readonly Logged[], now: number): Promised[] {
  const recalled = all.filter(({ data }) => data.recalled).map(({ data }) => data.messageId)
  const undone = all.filter(({ data }) => data.restores).length
  const begins = all.flatMap((event, i) => (event.data.sla ? [i] : []))
  expect(undone).toBeLessThanOrEqual(recalled.length)
  return begins.map((from, n): Promised => {
    const events = all.slice(from, begins[n + 1] ?? all.length)
    const { ticket, at: began } = events[0]!
    const answer = events.find(
      ({ type, data }) =>
        type === 'SupportReplyPosted' && data.kind === 'STAFF_REPLY' && !recalled.includes(data.messageId),
    )
    const closed = events.find(({ type }) => type === 'SupportCaseClosed')
    const end = answer ?? closed
    let used = 0
    let since: number | null = began
    let resolved: number | null = null
    for (const { type, at, data } of events) {
      const to = type === 'SupportCaseUpdated' && data.change === 'STATUS' ? data.to : null
      if (to) resolved = to === 'RESOLVED' ? at : null
      if (!to || (end && at >= end.at)) continue
      // A resolution that was called back was none, and paused nothing.
      const isUndone = events.some(
        event => event.data.restores && event.at > at && event.at - at < 20_000 && to === 'RESOLVED',
      )
      if (isUndone || data.restores) continue
      if (since !== null) used += businessMs(since, at)
      since = PAUSING.includes(to) ? null : at
    }
    if (since !== null) used += businessMs(since, end?.at ?? now)
    const took = resolved === null ? null : (resolved - began) / 1000
    const state = used > DAY ? 'BREACHED' : answer ? 'MET' : closed ? 'CANCELED' : 'OPEN'
    const isNear = state === 'OPEN' && since !== null && used >= DAY - 4 * HOUR
    return { ticket, began, state, isNear, used: answer ? used / 1000 : null, took }
  })
}

/** The value that so many of all do not exceed. */
function atMost(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1]!
}

const spread = (values: readonly number[]): Json | null =>
  values.length
    ? {
        count: values.length,
        p50: expect.closeTo(atMost(values, 0.5), 0),
        p90: expect.closeTo(atMost(values, 0.9), 0),
        p95: expect.closeTo(atMost(values, 0.95), 0),
      }
    : null

function bucketOf(key: string | null, promises: readonly Promised[]): Json {
  const count = (state: string): number => promises.filter(one => one.state === state).length
  const [met, breached, open] = [count('MET'), count('BREACHED'), count('OPEN')]
  return {
    key,
    due: met + breached + open,
    met,
    breached,
    open,
    nearBreach: promises.filter(({ isNear }) => isNear).length,
    canceled: count('CANCELED'),
    shareMet: met + breached ? expect.closeTo(met / (met + breached), 9) : null,
    timeUsed: spread(promises.flatMap(({ used }) => used ?? [])),
    timeToResolution: spread(promises.flatMap(({ took }) => took ?? [])),
  }
}

/** How promises of a first reply went, counted in rows and told again from the log (E102, E103); and what customers read of it. */
describe('a report of first replies', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person
  let eve: Person

  beforeAll(async () => {
    world = await World.open('sla_report', { env: { MAIL: 'off' } })
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
        members: [{ user: 'eve', role: 'OWNER', supportAccess: true }],
      },
    ])
    eve = await world.person(idOf('usr', 'eve'))
    // A Wednesday; the Monday after next is a holiday.
    world.advance(Date.parse('2027-05-19T09:00:00.000Z') - world.now.getTime())
  })
  afterAll(() => world?.close())

  const opened = async (who = rico, more: Json = {}): Promise<string> => {
    const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
    const { ticket, userErrors } = await who.act('openTicket', { ...matter, ...more }, 'ticket { id }')
    expect(userErrors).toEqual([])
    return ticket.id
  }
  const done = async (who: Person, action: string, input: Json): Promise<void> => {
    expect((await who.act(action, input)).userErrors).toEqual([])
  }
  const report = async (groupBy: string, who = people.lea, more: Json = {}): Promise<Json> =>
    (await who.ask(REPORT, { ...PERIOD, groupBy, ...more })).slaReport

  /** Everything that happened to tickets, out of the log itself. */
  const logged = async (): Promise<Logged[]> => {
    const rows = await world.sql(
      `select stream_id as ticket, type, at, payload as data from log.event where stream_type = 'Ticket' order by stream_id, version`,
    )
    return rows.map(({ at, ...row }) => ({ ...row, at: at.getTime() })) as Logged[]
  }
  const recounted = async (now: number): Promise<Promised[]> => {
    const byTicket = grouped(await logged(), ({ ticket }) => ticket)
    return [...byTicket.values()].flatMap(events => promisesOf(events, now))
  }
  const factsOf = async (): Promise<Map<string, Json>> => {
    const rows = await world.sql(
      'select id, queue_id, category, priority, assignee_id, organization_id from support.ticket',
    )
    return new Map(rows.map(row => [row.id, row]))
  }

  /** The same numbers each time. */
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }

  /** One thing that may happen to a ticket; whether it may at that moment is not looked at, as life does not. */
  const LIFE: ((id: string) => Promise<unknown>)[] = [
    id => people.sam.act('replyToTicket', { ticketId: id, body: 'Hello.' }),
    id => rico.act('replyToTicket', { ticketId: id, body: 'And?' }),
    id =>
      people.sam.act('setTicketStatus', {
        ticketId: id,
        status: 'WAITING_ON_BUYER',
        statusReason: 'INFORMATION_REQUESTED',
      }),
    id => people.lea.act('resolveTicket', { ticketId: id, resolution: 'Done.' }),
    id => rico.act('closeTicket', { ticketId: id }),
    id => rico.act('reopenTicket', { ticketId: id, body: 'No.', reason: 'NEW_INFORMATION' }),
    id => people.sam.act('assignTicketToMe', { ticketId: id }),
    id => people.sam.act('addTicketNote', { ticketId: id, body: 'Hm.' }),
    async id => {
      const { message } = await people.sam.act(
        'replyToTicket',
        { ticketId: id, body: 'Oh.' },
        'message { id }',
      )
      if (message) await people.sam.act('recallTicketMessage', { messageId: message.id, reason: 'MISTAKE' })
    },
    async id => {
      const input = { ticketId: id, resolution: 'Done, so it seems.' }
      const { message } = await people.sam.act('resolveTicket', input, 'message { id }')
      if (message) await people.sam.act('recallTicketMessage', { messageId: message.id, reason: 'MISTAKE' })
    },
    id => people.sam.act('setTicketPriority', { ticketId: id, priority: 'HIGH' }),
  ]
  const CATEGORIES = ['BILLING', 'ACCOUNT_HELP', 'REPLY_NEEDED']

  test('counts what the log tells, by every grouping, after weeks of many at once', async () => {
    const ids: string[] = []
    let begun = 0
    const live = async (rounds: number): Promise<void> => {
      for (let i = 0; i < rounds; i++) {
        const id = ids[random(ids.length)]!
        await LIFE[random(LIFE.length)]!(id)
      }
    }
    /** Two that nobody answered yet come to be one. */
    const merge = async (): Promise<void> => {
      const [into, from] = [await opened(), await opened()]
      ids.push(into, from)
      begun += 2
      await done(people.lea, 'mergeTickets', { ticketId: from, intoId: into, reason: 'DUPLICATE' })
    }
    for (let week = 0; week < 4; week++) {
      let isOver = false
      const watched = (async () => {
        for (let before = 0; !isOver; ) {
          const known = ids.length
          const { total, buckets } = await report('CATEGORY')
          const all = total.due + total.canceled
          expect(total.due).toBe(total.met + total.breached + total.open)
          for (const name of ['due', 'met', 'breached', 'open', 'nearBreach', 'canceled'])
            expect(buckets.reduce((sum: number, one: Json) => sum + one[name], 0)).toBe(total[name])
          expect(all).toBeGreaterThanOrEqual(Math.max(before, known))
          before = all
        }
      })()
      for (let day = 0; day < 4; day++) {
        const fresh = [0, 1, 2].map(async n => {
          begun++
          ids.push(await opened(n === 2 ? eve : rico, { category: CATEGORIES[random(3)] }))
        })
        await Promise.all(fresh)
        await Promise.all([live(6), live(6)])
        if (day === 3) await merge()
        world.advance(7 * HOUR + random(20 * HOUR))
      }
      isOver = true
      await watched
    }
    expect(ids.length).toBe(begun)
    const facts = await factsOf()
    const keys: Record<string, (one: Promised) => string | null> = {
      DAY: ({ began }) => new Date(began).toISOString().slice(0, 10),
      CATEGORY: ({ ticket }) => facts.get(ticket)!.category,
      PRIORITY: ({ ticket }) => facts.get(ticket)!.priority,
      QUEUE: ({ ticket }) => facts.get(ticket)!.queue_id,
      ASSIGNEE: ({ ticket }) => facts.get(ticket)!.assignee_id,
      ORGANIZATION: ({ ticket }) => facts.get(ticket)!.organization_id,
    }
    const seen = new Set<string>()
    for (const [groupBy, keyOf] of Object.entries(keys)) {
      const told = await report(groupBy)
      const promises = await recounted(Date.parse(told.asOf))
      for (const { state } of promises) seen.add(state)
      expect(told.total).toEqual(bucketOf(null, promises))
      const expected = [...grouped(promises, keyOf)].map(([key, of]) => bucketOf(key, of))
      expect(told.buckets).toHaveLength(expected.length)
      for (const bucket of expected) expect(told.buckets).toContainEqual(bucket)
      const order = told.buckets.map(({ key, due }: Json) => (groupBy === 'DAY' ? key : -due))
      expect(order).toEqual([...order].sort(groupBy === 'DAY' ? undefined : (a: number, b: number) => a - b))
      expect(told.leftOut).toBe(0)
    }
    expect([...seen].sort()).toEqual(['BREACHED', 'CANCELED', 'MET', 'OPEN'])
  }, 180_000)

  test('a period takes what began in it, the filter what the tickets are now', async () => {
    const { total, buckets } = await report('DAY')
    const [first] = buckets
    const until = new Date(Date.parse(`${first.key}T00:00:00.000Z`) + DAY).toISOString()
    expect((await report('DAY', people.lea, { from: PERIOD.from, until })).total).toEqual({
      ...first,
      key: null,
    })
    const ofEve = { organizationId: idOf('org', 'else') }
    const part = await report('ORGANIZATION', people.ada, { filter: ofEve })
    expect(part.buckets).toEqual([{ ...part.total, key: ofEve.organizationId }])
    expect(part.total.due).toBeLessThan(total.due)
    const none = await report('DAY', people.lea, {
      from: '2026-01-01T00:00:00.000Z',
      until: '2026-02-01T00:00:00.000Z',
    })
    expect(none).toMatchObject({ buckets: [], total: { due: 0, shareMet: null, timeUsed: null } })
  })

  test('a year is the most, and it goes forward', async () => {
    const ask = async (from: string, until: string): Promise<Json | undefined> =>
      (await people.lea.send(REPORT, { from, until, groupBy: 'DAY' })).errors?.[0]
    const long = await ask('2026-01-01T00:00:00.000Z', '2027-01-02T00:00:00.001Z')
    expect(long).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(long!.message).toContain('366 days')
    expect(await ask(PERIOD.until, PERIOD.from)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(await ask('2026-01-01T00:00:00.000Z', '2027-01-02T00:00:00.000Z')).toBeUndefined()
  })

  test('leads, super admins and auditors read all of it, agents what they cover, others nothing', async () => {
    const { sam, lea, ada, aldo, fay, shop } = people
    const all = (await report('CATEGORY', lea)).total
    expect((await report('CATEGORY', ada)).total).toMatchObject({ due: all.due })
    expect((await report('CATEGORY', aldo)).total).toMatchObject({ due: all.due })
    expect((await report('CATEGORY', sam)).total).toMatchObject({ due: 0, canceled: 0 })
    await done(lea, 'setCoverage', { staffId: sam.id, queueIds: [], categories: ['BILLING'], tags: [] })
    const covered = await report('CATEGORY', sam)
    const wanted = (await report('CATEGORY', lea)).buckets.find(({ key }: Json) => key === 'BILLING')
    expect(covered.buckets).toEqual([wanted])
    expect((await report('CATEGORY', sam, { filter: { coveredByMe: false } })).total).toMatchObject({
      due: 0,
    })
    for (const who of [rico, fay, shop]) {
      const { errors } = await who.send(REPORT, { ...PERIOD, groupBy: 'DAY' })
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
  })

  describe('what customers read of it', () => {
    const EXPECTED = 'query ($id: ID!) { ticket(id: $id) { expectedReply { by text } } }'
    const expected = async (id: string, who = rico): Promise<Json | null> =>
      (await who.ask(EXPECTED, { id })).ticket?.expectedReply
    const staffDue = async (id: string): Promise<string | null> =>
      (await people.sam.ask('query ($id: ID!) { ticket(id: $id) { slaDueAt } }', { id })).ticket.slaDueAt

    test('by when they have an answer, in the published words; nothing while nobody waits for staff', async () => {
      const id = await opened()
      const { publishedSupportExpectations } = await people.nobody.ask(
        '{ publishedSupportExpectations { text } }',
      )
      expect(await expected(id)).toEqual({ by: await staffDue(id), text: publishedSupportExpectations.text })
      expect(await expected(id, people.sam)).toEqual(await expected(id))
      expect((await eve.ask(EXPECTED, { id })).ticket).toBeNull()
      await done(people.sam, 'setTicketStatus', {
        ticketId: id,
        status: 'WAITING_ON_BUYER',
        statusReason: 'INFORMATION_REQUESTED',
      })
      expect(await expected(id)).toBeNull()
      world.advance(HOUR)
      await done(rico, 'replyToTicket', { ticketId: id, body: 'Here.' })
      expect((await expected(id))!.by).toBe(await staffDue(id))
      await done(people.sam, 'replyToTicket', { ticketId: id, body: 'Thanks.' })
      expect(await expected(id)).toBeNull()
    })

    test('neither that somebody may come to harm nor that it was kept apart shows in it', async () => {
      const { lea, sam } = people
      const account = idOf('org', 'else')
      await done(lea, 'setSlaTerms', {
        organizationId: account,
        firstResponseHours: 8,
        urgentHours: 2,
        clock: 'CALENDAR',
        reason: 'CUSTOMER_AGREEMENT',
      })
      const id = await opened(eve)
      const promised = await expected(id, eve)
      expect(promised!.text).toContain('within 8 hours, and within 2 when it is urgent')
      expect(promised!.by).toBe(await staffDue(id))

      world.advance(HOUR)
      await done(sam, 'markTicketSafetySensitive', { ticketId: id, safetySensitive: true })
      expect(Date.parse((await staffDue(id))!)).toBeLessThan(Date.parse(promised!.by))
      expect(await expected(id, eve)).toEqual(promised)

      await done(sam, 'filterTicket', { ticketId: id, filterState: 'SPAM' })
      expect(await staffDue(id)).toBeNull()
      expect(await expected(id, eve)).toEqual(promised)
      world.advance(HOUR)
      await done(sam, 'restoreTicket', { ticketId: id })
      expect(await staffDue(id)).not.toBe(promised!.by)
      expect(await expected(id, eve)).toEqual(promised)

      await done(sam, 'setTicketPriority', { ticketId: id, priority: 'URGENT' })
      const urgent = await expected(id, eve)
      expect(Date.parse(urgent!.by) - world.now.getTime()).toBeLessThanOrEqual(2 * HOUR)
      world.advance(3 * HOUR)
      expect(await expected(id, eve)).toEqual(urgent)
      await done(sam, 'replyToTicket', { ticketId: id, body: 'Here we are.' })
      expect(await expected(id, eve)).toBeNull()
    })

    test('the timers themselves they do not', async () => {
      const id = await opened()
      for (const field of ['sla { state }', 'slaDueAt']) {
        const { errors } = await rico.send(`query ($id: ID!) { ticket(id: $id) { ${field} } }`, { id })
        expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      }
      for (const field of ['slaShown', 'slaCycles', 'slaBeganAt']) {
        const { errors } = await people.ada.send(`query ($id: ID!) { ticket(id: $id) { ${field} } }`, { id })
        expect(errors).toHaveLength(1)
      }
    })
  })

  describe('what cannot wait', () => {
    const EMERGENCIES = `query ($from: DateTime!, $until: DateTime!, $groupBy: SlaGrouping!) {
      slaReport(from: $from, until: $until, groupBy: $groupBy) { total { metric } emergencies { leftOut total { metric ${BUCKET.slice(1)} buckets ${BUCKET} } } }`
    const emergencies = async (groupBy: string, period: Json = PERIOD): Promise<Json> =>
      (await people.lea.ask(EMERGENCIES, { ...period, groupBy })).slaReport.emergencies
    const escalated = async (more: Json = {}): Promise<string> => {
      const id = await opened(rico, more)
      await done(people.sam, 'escalateTicket', { ticketId: id, trigger: 'PAYMENTS', note: 'Now.' })
      return id
    }
    const LAST = `nodes { id sla { metric state cycle startedAt } }`
    /** Where the last promise of each kind stands, by ticket, as the timers themselves say. */
    const standing = async (): Promise<Map<string, string[]>> => {
      const { tickets } = await people.lea.ask(`{ tickets(first: 100) { totalCount ${LAST} } }`)
      expect(tickets.totalCount).toBe(tickets.nodes.length)
      return new Map(
        tickets.nodes.map(({ id, sla }: Json) => [
          id,
          [...grouped(sla as Json[], ({ metric }) => metric).values()].map(
            of => of.sort((a, b) => a.cycle - b.cycle).at(-1)!.state,
          ),
        ]),
      )
    }
    const filtered = async (slaState: string): Promise<string[]> =>
      (
        await people.lea.ask(
          'query ($s: SlaState!) { tickets(first: 100, filter: { slaState: $s }) { nodes { id } } }',
          { s: slaState },
        )
      ).tickets.nodes
        .map(({ id }: Json) => id)
        .sort()

    test('has rows of its own in the report; usual promises count as before', async () => {
      const before = (await report('DAY')).total
      expect(await emergencies('CATEGORY')).toMatchObject({ buckets: [], leftOut: 0, total: { due: 0 } })
      const began = world.now.getTime()
      const [kept, late, closed] = [
        await escalated({ category: 'BILLING' }),
        await escalated({ category: 'BILLING' }),
        await escalated({ category: 'ACCOUNT_HELP' }),
      ]
      world.advance(0.5 * HOUR)
      await done(people.sam, 'replyToTicket', { ticketId: kept, body: 'At once.' })
      await done(rico, 'closeTicket', { ticketId: closed })
      world.advance(0.4 * HOUR)
      const near = await escalated({ category: 'ACCOUNT_HELP' })
      world.advance(0.6 * HOUR)
      const told = await emergencies('CATEGORY')
      // The clock goes on while all this is done.
      const some = expect.closeTo(1800, -2)
      const half = { count: 1, p50: some, p90: some, p95: some }
      const counted = { timeToResolution: null, canceled: 0, nearBreach: 0, open: 0 }
      expect(told.buckets).toEqual([
        { key: 'BILLING', due: 2, met: 1, breached: 1, shareMet: 0.5, timeUsed: half, ...counted },
        {
          ...counted,
          key: 'ACCOUNT_HELP',
          due: 1,
          met: 0,
          breached: 0,
          shareMet: null,
          timeUsed: null,
          open: 1,
          nearBreach: 1,
          canceled: 1,
        },
      ])
      expect(told.total).toMatchObject({
        metric: 'EMERGENCY_RESPONSE',
        key: null,
        due: 3,
        open: 1,
        canceled: 1,
      })
      expect((await report('DAY')).total.due + 1).toBe(before.due + 4)
      const earlier = { from: PERIOD.from, until: new Date(began).toISOString() }
      expect((await emergencies('DAY', earlier)).total).toMatchObject({ due: 0, canceled: 0 })
      const since = { from: new Date(began + 0.8 * HOUR).toISOString(), until: PERIOD.until }
      expect((await emergencies('DAY', since)).total).toMatchObject({ due: 1, canceled: 0 })
      expect(await filtered('NEAR_BREACH')).toContain(near)
      expect(await filtered('BREACHED')).toContain(late)
      expect(await filtered('MET')).toContain(kept)
    })

    test('tickets are found by where their promises stand, as the timers have it', async () => {
      const waits = await opened()
      await done(people.sam, 'setTicketStatus', {
        ticketId: waits,
        status: 'WAITING_ON_BUYER',
        statusReason: 'INFORMATION_REQUESTED',
      })
      const states = await standing()
      const promises = grouped(await recounted(world.now.getTime()), ({ ticket }) => ticket)
      for (const state of ['RUNNING', 'PAUSED', 'BREACHED', 'MET', 'CANCELED']) {
        const expected = [...states].filter(([, all]) => all.includes(state)).map(([id]) => id)
        expect({ state, ids: await filtered(state) }).toEqual({ state, ids: expected.sort() })
        expect(expected.length).toBeGreaterThan(0)
      }
      const near = await filtered('NEAR_BREACH')
      const running = await filtered('RUNNING')
      expect(near.filter(id => !running.includes(id))).toEqual([])
      for (const [id, all] of promises) if (all.at(-1)!.isNear) expect(near).toContain(id)
      const { errors } = await rico.send('{ tickets(filter: { slaState: MET }) { totalCount } }')
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
      const { inbox } = await people.sam.ask('{ inbox(filter: { slaState: PAUSED }) { nodes { id } } }')
      expect(inbox.nodes).toContainEqual({ id: waits })
    })
  })

  test('the log alone tells all of it: folded anew, every row is the same', async () => {
    const last = await opened()
    await until(async () => (await report('DAY')).total.due > 0 && last)
    const { code, said } = await world.command('rebuild')
    expect({ code, said }).toMatchObject({ code: 0 })
  })
})
