import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, paidOrder, usd, World } from '../kit/world.js'

const HIT = `entityType score match { field how detectedAs text } node { id __typename }`

let world: World
let people: Awaited<ReturnType<World['people']>>

beforeAll(async () => {
  world = await World.open('omnibox', { env: { LOG_LEVEL: 'info' } })
  people = await world.people()
  const { shop } = people
  const user = (externalId: string, name: string, email: string) => ({
    source: 'shop',
    externalId,
    name,
    email,
    stripeCustomerId: `cus_${externalId}X`,
  })
  await shop.record('users', [
    user('buyer-1', 'Johanna Weatherby', 'johanna.weatherby@mail.example'),
    user('buyer-2', 'José García', 'jose+sale@mail.example'),
    user('buyer-3', 'Weatherby Johnson', 'wj@other.example'),
  ])
  await shop.record('organizations', [
    { source: 'shop', externalId: 'seller-1', name: 'Lamps and More', slug: 'lamps-and-more' },
  ])
  await paidOrder(shop, '3F2504E0-4F89-11D3-9A0C-0305E82C3301')
  await paidOrder(shop, 'ord-plain-77', usd(10_00), {
    orders: [
      {
        externalId: 'ord-plain-77',
        number: '10077',
        seller: 'seller-1',
        lines: [{ title: 'Lamp', unitPrice: usd(10_00) }],
      },
    ],
    payment: { externalId: 'p77', amount: usd(10_00), paymentIntentId: 'pi_3MtwBwLkdIwHu7ix28a3tqPa' },
  })
  await shop.record('shipments', [
    {
      source: 'shop',
      externalId: 's1',
      order: 'ord-plain-77',
      trackingNumber: '1Z999AA10123456784',
      status: 'IN_TRANSIT',
    },
  ])
})
afterAll(() => world?.close())

const search = async (
  query: string,
  { who = people.sam, args = '', selection = '' }: { who?: Person; args?: string; selection?: string } = {},
) => {
  const { omnibox } = await who.ask(
    `query ($q: String!) { omnibox(query: $q ${args}) { totalCount hiddenCount tookMs interpretations pageInfo { hasNextPage endCursor } nodes { ${HIT} ${selection} } } }`,
    { q: query },
  )
  return omnibox as Json
}
const first = async (query: string) => (await search(query)).nodes[0]
const ids = async (query: string) => (await search(query)).nodes.map((hit: Json) => hit.node.id)

describe('finds (E24 to E29)', () => {
  const order = idOf('ord', 'ord-plain-77')

  test.each([
    ['own order id', () => order, order, 'EXACT', 'ID'],
    ['own id without its prefix', () => order.slice(4), order, 'SUFFIX', 'ID'],
    ['external id', () => 'ORD PLAIN 77', order, 'NORMALISED', 'EXTERNAL_ID'],
    [
      'UUID in braces',
      () => '{3f2504e0-4f89-11d3-9a0c-0305e82c3301}',
      idOf('ord', '3F2504E0-4F89-11D3-9A0C-0305E82C3301'),
      'NORMALISED',
      'EXTERNAL_ID',
    ],
    ['order number', () => 'Order #10077', order, 'EXACT', 'NUMBER'],
    ['checkout id', () => 'c-ord-plain-77', idOf('chk', 'c-ord-plain-77'), 'EXACT', 'EXTERNAL_ID'],
    ['tracking number', () => '1z 999 aa1 01 2345 6784', idOf('shp', 's1'), 'NORMALISED', 'TRACKING'],
    ['end of a tracking number', () => '23456784', idOf('shp', 's1'), 'SUFFIX', 'TRACKING'],
    ['beginning of a tracking number', () => '1Z999AA1', idOf('shp', 's1'), 'PREFIX', 'TRACKING'],
    [
      'Stripe reference',
      () => 'https://dashboard.stripe.com/payments/pi_3MtwBwLkdIwHu7ix28a3tqPa',
      idOf('pay', 'p77'),
      'EXACT',
      'STRIPE',
    ],
    [
      'e-mail address',
      () => '<Johanna.Weatherby@mail.example>',
      idOf('usr', 'buyer-1'),
      'NORMALISED',
      'EMAIL',
    ],
    ['address with another tag', () => 'jose@mail.example', idOf('usr', 'buyer-2'), 'NORMALISED', 'EMAIL'],
    ['part of an address', () => 'weatherby@mail', idOf('usr', 'buyer-1'), 'FRAGMENT', 'EMAIL'],
    ['typo in an address', () => 'johana.weatherby@mail.example', idOf('usr', 'buyer-1'), 'FUZZY', 'EMAIL'],
    [
      'swapped letters in an address',
      () => 'johanna.waetherby@mail.example',
      idOf('usr', 'buyer-1'),
      'FUZZY',
      'EMAIL',
    ],
    ['name without accents', () => 'jose garcia', idOf('usr', 'buyer-2'), 'NORMALISED', 'NAME'],
    ['name the other way round', () => 'Weatherby, Johanna', idOf('usr', 'buyer-1'), 'FRAGMENT', 'NAME'],
    ['typo in a name', () => 'johanna weaterby', idOf('usr', 'buyer-1'), 'FUZZY', 'NAME'],
    ['user id', () => idOf('usr', 'buyer-3'), idOf('usr', 'buyer-3'), 'EXACT', 'ID'],
    ['org slug', () => 'lamps-and-more', idOf('org', 'seller-1'), 'EXACT', 'SLUG'],
    ['org id', () => 'seller-1', idOf('org', 'seller-1'), 'EXACT', 'EXTERNAL_ID'],
  ])('by %s', async (_, typed, id, how, field) => {
    expect(await first(typed())).toMatchObject({ node: { id }, match: { how, field } })
  })

  test('a surname with a typo finds everybody who bears it', async () => {
    expect(await ids('weatehrby')).toEqual(
      expect.arrayContaining([idOf('usr', 'buyer-1'), idOf('usr', 'buyer-3')]),
    )
  })

  test('several things at once', async () => {
    expect(await ids('10077\n1Z999AA10123456784')).toEqual(expect.arrayContaining([order, idOf('shp', 's1')]))
  })

  test('an exact hit comes alone, and an entity comes once', async () => {
    expect(await ids('10077')).toEqual([order])
    const found = await ids('johanna')
    expect(new Set(found).size).toBe(found.length)
  })

  test('nothing, for what nobody bears', async () => {
    expect(await search('zzzz-nothing-9999')).toMatchObject({ nodes: [], totalCount: 0, hiddenCount: 0 })
  })
})

describe('answers', () => {
  test('with the entity, what it has to do with, and what happened to it (E30 to E32)', async () => {
    const [hit] = (
      await search('10077', {
        selection: `related { relation direction node { id __typename } } recentEvents { type summary actor { kind } }
          node { ... on Order { total { formatted } checkout { id } } }`,
      })
    ).nodes
    expect(hit).toMatchObject({
      entityType: 'ORDER',
      node: { __typename: 'Order', total: { formatted: '$10.00' } },
      score: 1,
    })
    expect(hit.related).toEqual(
      expect.arrayContaining([
        {
          relation: 'checkout',
          direction: 'OUT',
          node: { id: idOf('chk', 'c-ord-plain-77'), __typename: 'Checkout' },
        },
        {
          relation: 'seller',
          direction: 'OUT',
          node: { id: idOf('org', 'seller-1'), __typename: 'Organization' },
        },
        { relation: 'order', direction: 'IN', node: { id: idOf('shp', 's1'), __typename: 'Shipment' } },
        { relation: 'order', direction: 'IN', node: { id: idOf('pay', 'p77'), __typename: 'Payment' } },
      ]),
    )
    expect(hit.recentEvents).toEqual(
      expect.arrayContaining([
        {
          type: 'ShipmentRecorded',
          summary: 'Shipment recorded by a machine.',
          actor: { kind: 'INTEGRATION' },
        },
      ]),
    )
  })

  test('in pages that fit together', async () => {
    const all = await ids('joh')
    const page = await search('joh', { args: ', first: 1' })
    const rest = await search('joh', { args: `, first: 50, after: "${page.pageInfo.endCursor}"` })
    expect(all.length).toBeGreaterThan(1)
    expect(page.pageInfo.hasNextPage).toBe(true)
    expect([...page.nodes, ...rest.nodes].map(hit => hit.node.id)).toEqual(all)
  })

  test('only of the types that are wanted', async () => {
    const hits = (await search('joh', { args: ', kinds: [ORGANIZATION]' })).nodes
    expect(hits).toEqual([])
  })

  test('a text that is too short with what would be right', async () => {
    const { errors } = await people.sam.send('{ omnibox(query: " #1 ") { totalCount } }')
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('at least 3') },
    ])
  })
})

describe('tells nobody more than they may read', () => {
  test('addresses and names of customers find nothing for those who may not read them', async () => {
    for (const who of [people.aldo, people.cato])
      for (const typed of [
        'johanna.weatherby@mail.example',
        'weatherby@mail',
        'Johanna Weatherby',
        'weatehrby',
      ])
        expect(await search(typed, { who })).toMatchObject({ nodes: [], hiddenCount: 0 })
    expect((await search(idOf('usr', 'buyer-1'), { who: people.aldo })).nodes).toHaveLength(1)
  })

  test('what is of a closed type is counted, and not shown', async () => {
    const subjectId = idOf('ord', 'ord-plain-77')
    const { riskFlag } = await people.rita.act(
      'raiseRiskFlag',
      { subjectId, kind: 'PAYMENT_FRAUD', severity: 'LOW', reason: 'MANUAL_REVIEW' },
      'riskFlag { id }',
    )
    expect((await search(riskFlag.id, { who: people.rita })).nodes).toMatchObject([
      { node: { id: riskFlag.id } },
    ])
    expect(await search(riskFlag.id)).toMatchObject({ nodes: [], hiddenCount: 1, totalCount: 0 })
    expect(
      (await search('10077', { selection: 'related(first: 100) { node { __typename } }' })).nodes[0].related,
    ).not.toContainEqual({
      node: { __typename: 'RiskFlag' },
    })
  })

  test('strangers get nothing', async () => {
    const { errors } = await people.nobody.send('{ omnibox(query: "10077") { totalCount } }')
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  })

  test('a match by address is noted, without the address (E27)', async () => {
    await search('johanna.weatherby@mail.example')
    const line = world.output.split('\n').find(text => text.includes('omnibox matched by e-mail'))
    expect(JSON.parse(line!)).toMatchObject({ personId: 'stf_sam', found: 1 })
    expect(world.output).not.toContain('johanna.weatherby')
  })
})
