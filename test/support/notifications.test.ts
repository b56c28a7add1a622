import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { systemIdentity } from '#shared/identity.js'
import { perform } from '#shared/perform.js'
import { Role } from '#shared/roles.js'
import { createContext } from '#shared/services.js'
import support from '#subgraphs/support/index.js'
import { wordsOf } from '#subgraphs/support/notifications/notification-words.js'
import { happened } from '../kit/happened.js'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'
import { type Player, Stage } from './stage.js'

const LIST = `query ($unread: Boolean) { notifications(unreadOnly: $unread, first: 50) { totalCount nodes {
  id recipientId channel template title body aboutIds workflowId readAt } } }`

describe('what people are told, through the gateway (D27, E69, E73)', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  /** Owner of the first seller, a member with support access, one without; owner of another seller; a buyer. */
  let olga: Person
  let otis: Person
  let mona: Person
  let vera: Person
  let bert: Person
  let orderId: string
  const [mine, other] = [idOf('org', 'seller-1'), idOf('org', 'seller-2')]

  beforeAll(async () => {
    world = await World.open('notifications')
    people = await world.people()
    const { shop } = people
    const user = (name: string) => ({
      source: 'shop',
      externalId: name,
      name,
      email: `${name}@example.com`,
    })
    const users = await shop.record('users', ['olga', 'otis', 'mona', 'vera', 'bert'].map(user))
    const organizations = await shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'seller-1',
        name: 'Lamps',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otis', role: 'OPERATOR', supportAccess: true },
          { user: 'mona', role: 'OPERATOR' },
        ],
      },
      {
        source: 'shop',
        externalId: 'seller-2',
        name: 'Rugs',
        members: [{ user: 'vera', role: 'OWNER' }],
      },
      {
        source: 'shop',
        externalId: 'friends',
        name: 'Friends',
        members: [{ user: 'bert', role: 'OWNER' }],
      },
    ])
    expect([...users.problems, ...organizations.problems]).toEqual([])
    orderId = await paidOrder(shop, 'o-1', usd(80_00), {
      buyer: 'bert',
      orders: [
        {
          externalId: 'o-1',
          number: 'A-17',
          seller: 'seller-1',
          lines: [{ title: 'Lamp', unitPrice: usd(80_00) }],
        },
      ],
    })
    ;[olga, otis, mona, vera, bert] = (await Promise.all(
      ['olga', 'otis', 'mona', 'vera', 'bert'].map(name => world.person(idOf('usr', name))),
    )) as [Person, Person, Person, Person, Person]
  })
  afterAll(() => world?.close())

  let count = 0
  /** Has somebody told something, as a workflow does; answers the notification. */
  async function told(recipientId: string, template: string, facts: Json = {}): Promise<Json> {
    const workflowId = `wfl_${++count}`
    await happened(
      world,
      { type: 'Workflow', id: workflowId },
      {
        type: 'NotificationRequested',
        data: { recipientId, template, about: [orderId], facts },
        refs: [recipientId],
      },
    )
    const rows = await until(async () => {
      const rows = await world.sql('select id from support.notification where workflow_id = $1', [workflowId])
      return rows.length ? rows : null
    })
    return rows![0]!
  }
  const inbox = async (who: Person, unread = false): Promise<Json> =>
    (await who.ask(LIST, { unread })).notifications
  const idsOf = ({ nodes }: Json): string[] => nodes.map(({ id }: Json) => id)
  const read = (who: Person, notificationId: string) =>
    who.act('markNotificationRead', { notificationId }, 'notification { id readAt }')

  test('each request is answered once, however often the process dies', async () => {
    const { id } = await told(bert.id, 'REFUND_ISSUED', { amount: usd(12_34) })
    expect((await inbox(bert)).nodes).toEqual([
      {
        id,
        recipientId: bert.id,
        channel: 'IN_APP',
        template: 'REFUND_ISSUED',
        title: 'You get money back',
        body: 'We give you $12.34 back for order A-17, the way you paid. Your bank may take some days.',
        aboutIds: [orderId],
        workflowId: 'wfl_1',
        readAt: null,
      },
    ])
    const request = (n: number) => ({
      type: 'NotificationRequested',
      data: { recipientId: bert.id, template: 'NEWS', about: [orderId], facts: { n } },
    })
    const twenty = Array.from({ length: 20 }, (_, n) => request(n))
    await happened(world, { type: 'Workflow', id: 'wfl_many' }, ...twenty)
    await world.kill()
    await world.start()
    const sent = async () => {
      const [{ n }] = (await world.sql(
        `select count(*)::int as n from log.event where type = 'NotificationSent'`,
      )) as [Json]
      return n as number
    }
    await until(async () => (await sent()) >= 21)
    expect((await inbox(bert)).totalCount).toBe(21)
    const { order } = await people.sam.ask(
      'query ($id: ID!) { order(id: $id) { timeline(first: 50) { nodes { type } } } }',
      { id: orderId },
    )
    expect(order.timeline.nodes.filter(({ type }: Json) => type === 'NotificationSent')).toHaveLength(21)
    expect(await sent()).toBe(21)
  })

  test('what an account is told reaches its owners and those with support access; each reads for themselves', async () => {
    const { id } = await told(mine, 'LABEL_OVERDUE', { graceUntil: '2026-04-23T14:03:00.000Z' })
    for (const who of [olga, otis]) {
      expect(idsOf(await inbox(who, true))).toEqual([id])
      expect(await who.ask('query ($id: ID!) { notification(id: $id) { id } }', { id })).toEqual({
        notification: { id },
      })
    }
    for (const who of [mona, vera, bert]) expect(idsOf(await inbox(who))).not.toContain(id)

    expect(await read(olga, id)).toMatchObject({
      userErrors: [],
      events: [{ type: 'NotificationRead' }],
      notification: { id, readAt: expect.any(String) },
    })
    expect(await read(olga, id)).toMatchObject({ userErrors: [], events: [] })
    expect(await inbox(olga, true)).toEqual({ totalCount: 0, nodes: [] })
    expect(await inbox(olga)).toMatchObject({ totalCount: 1, nodes: [{ id, readAt: expect.any(String) }] })
    expect(await inbox(otis, true)).toMatchObject({ totalCount: 1, nodes: [{ id, readAt: null }] })
    const both = await Promise.all([1, 2, 3].map(() => read(otis, id)))
    expect(both.flatMap(({ events }) => events)).toHaveLength(1)
  })

  test("a customer never sees another's, by any road", async () => {
    const theirs = [
      (await told(bert.id, 'ORDER_CANCELED')).id,
      (await told(mine, 'ORDER_CANCELED')).id,
      (await told(people.sam.id, 'CLAIM_OPENED')).id,
    ]
    expect(await inbox(vera)).toEqual({ totalCount: 0, nodes: [] })
    for (const id of theirs) {
      const { data } = await vera.send(
        'query ($id: ID!) { notification(id: $id) { title } node(id: $id) { id } nodes(ids: [$id]) { id } }',
        { id },
      )
      expect(data).toEqual({ notification: null, node: null, nodes: null })
      expect(await read(vera, id)).toMatchObject({
        userErrors: [{ code: 'NOT_FOUND', field: 'notificationId' }],
        notification: null,
      })
    }
    const roads = [
      `{ user(id: "${bert.id}") { notifications { totalCount } } }`,
      `{ organization(id: "${mine}") { notifications { totalCount } } }`,
      `{ organization(id: "${other}") { notifications { totalCount } } }`,
      `{ timeline(ids: ["${theirs[0]}"]) { nodes { id } } }`,
      `{ omnibox(query: "${theirs[0]}") { hits { node { id } } } }`,
    ]
    for (const road of roads) {
      const text = JSON.stringify((await vera.send(road)).data ?? null)
      expect(text).not.toMatch(/ntf_|evt_|totalCount/)
    }
    const { nobody } = people
    expect((await nobody.send('{ notifications { totalCount } }')).status).toBe(401)
  })

  test('staff read what they were told, see what customers were, and read nothing for others', async () => {
    const { sam, rita, aldo, shop } = people
    const [own, bertsOwn] = [await told(sam.id, 'SOMETHING_NEW'), await told(bert.id, 'GRACE_GRANTED')]
    expect(idsOf(await inbox(sam, true))).toContain(own.id)
    expect(idsOf(await inbox(sam))).not.toContain(bertsOwn.id)
    expect((await inbox(rita)).totalCount).toBe(0)
    for (const who of [sam, rita, aldo]) {
      const { user, organization } = await who.ask(
        `query ($user: ID!, $org: ID!) { user(id: $user) { notifications(first: 1) { nodes { id readAt } } }
           organization(id: $org) { notifications { totalCount } } }`,
        { user: bert.id, org: mine },
      )
      expect(user.notifications.nodes).toEqual([{ id: bertsOwn.id, readAt: null }])
      expect(organization.notifications.totalCount).toBe(2)
    }
    expect(await read(rita, bertsOwn.id)).toMatchObject({
      userErrors: [{ code: 'NOT_RECIPIENT', facts: { recipientId: bert.id } }],
    })
    expect((await read(rita, 'ntf_nothing')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await read(sam, own.id)).userErrors).toEqual([])
    await read(bert, bertsOwn.id)
    const { node } = await rita.ask('query ($id: ID!) { node(id: $id) { ... on Notification { readAt } } }', {
      id: bertsOwn.id,
    })
    expect(node.readAt).toEqual(expect.any(String))
    for (const who of [aldo, shop]) {
      const { errors } = await who.send(
        'mutation ($input: MarkNotificationReadInput!) { markNotificationRead(input: $input) { replayed } }',
        { input: { notificationId: own.id } },
      )
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
    const input = { recipientId: bert.id, template: 'X', title: 'X', body: 'X', about: [] }
    for (const who of [sam, rita, people.ada, shop, bert]) {
      const { errors } = await who.send(
        'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { replayed } }',
        { input },
      )
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
  })

  test('who cannot be told anything is not told, and that does not go unnoticed', async () => {
    await happened(
      world,
      { type: 'Workflow', id: 'wfl_odd' },
      { type: 'NotificationRequested', data: { recipientId: orderId, template: 'X', about: [], facts: {} } },
    )
    const error = await until(async () => {
      const [job] = await world.sql(
        `select last_error from log.reaction_job where reaction = 'tell-people' and last_error is not null`,
      )
      return job?.last_error
    })
    expect(error).toContain('Only people and organizations')
    await told(bert.id, 'NEWS')
  })
})

describe('row scope of notifications in the subgraph itself (F4)', () => {
  let stage: Stage
  let olga: Player
  let vera: Player
  const BY_REFERENCE = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Notification { id title body } } }`

  beforeAll(async () => {
    stage = await Stage.open(support)
    olga = await stage.customer('olga', 'org_lamps')
    vera = await stage.customer('vera', 'org_rugs')
  })
  afterAll(() => stage?.close())

  const send = async (recipientId: string): Promise<string> => {
    const context = createContext(stage.services, systemIdentity(Role.SYSTEM), 'req_test')
    const input = { recipientId, template: 'X', title: 'Title', body: 'Body', about: [] }
    const { targetId, userErrors } = await perform(
      stage.performer('sendNotification'),
      input as never,
      context,
    )
    expect(userErrors).toEqual([])
    return targetId!
  }

  test("opens no other's notification by _entities", async () => {
    for (const id of [await send('org_lamps'), await send('usr_olga')]) {
      const r = [{ __typename: 'Notification', id }]
      expect((await olga.ask(BY_REFERENCE, { r })).data._entities).toEqual([
        { id, title: 'Title', body: 'Body' },
      ])
      expect((await vera.ask(BY_REFERENCE, { r })).data._entities).toEqual([null])
    }
    const edge = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { notifications { totalCount } } } }`
    const r = [{ __typename: 'User', id: 'usr_olga' }]
    expect((await vera.ask(edge, { r })).codes).toEqual(['FORBIDDEN'])
  })
})

describe('the words', () => {
  const facts = {
    orderNumber: 'A-17',
    amount: usd(5_00),
    graceUntil: '2026-04-23T14:03:00.000Z',
    kind: 'PROOF_OF_DELIVERY',
    outcome: 'SPLIT',
  }
  test.each([
    'ORDER_CANCELED',
    'REFUND_ISSUED',
    'LABEL_OVERDUE',
    'GRACE_GRANTED',
    'PROPOSAL_WITHDRAWN',
    'EVIDENCE_WANTED',
    'CLAIM_OPENED',
    'CLAIM_ANSWERED',
    'CLAIM_RESOLVED',
    'NOBODY_WROTE_THIS_YET',
    'constructor',
  ])('of %s hold with every fact and with none', template => {
    for (const recipient of ['usr_1', 'org_1', 'stf_1'])
      for (const known of [facts, {}, { amount: 'much', graceUntil: 'soon', kind: 7, outcome: 'toString' }]) {
        const { title, body } = wordsOf(template, recipient, known)
        expect(title.length).toBeGreaterThan(5)
        expect(body).not.toMatch(/undefined|null|NaN|object|function| {2}| \.|much|by soon/)
        expect(body.includes('A-17')).toBe('orderNumber' in known)
      }
  })

  test('say who gets what by when', () => {
    expect(wordsOf('LABEL_OVERDUE', 'org_1', facts).body).toBe(
      'There is no shipping label for order A-17 yet. Please buy one by 23 April 2026 at 14:03 UTC; otherwise we may cancel it and refund the buyer.',
    )
    expect(wordsOf('EVIDENCE_WANTED', 'usr_1', facts).body).toContain('we need proof of delivery from you')
    expect(wordsOf('CLAIM_RESOLVED', 'usr_1', facts).body).toContain('buyer and seller share the loss')
    expect(wordsOf('ORDER_CANCELED', 'usr_1', { ...facts, amount: usd(0) }).body).toBe(
      'We canceled order A-17.',
    )
  })
})
