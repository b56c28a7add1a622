import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, until, usd, World } from '../kit/world.js'

/** One of everything, with identifiers of every sort that a marketplace has. */
const USER = {
  source: 'shop',
  externalId: 'u-7f3a-2209',
  name: 'Marguerite Delacroix',
  email: 'marguerite.delacroix@lumiere.example',
  stripeCustomerId: 'cus_Nk31xR8tzLq0Aa',
}
const ORGANIZATION = {
  source: 'shop',
  externalId: 'ORG-55-1180',
  name: 'Maison Lumière Antiques',
  slug: 'lumiere-antiques',
  stripeAccountId: 'acct_1LuMiErE99xyZ',
  sites: [{ externalId: 'site-31-7', slug: 'lumiere-paris', name: 'Brocante Parisienne' }],
  members: [{ user: USER.externalId, role: 'OWNER' }],
}
const LISTING = {
  source: 'shop',
  externalId: '64b7f0c2-1d1e-4a55-9d0a-0d5fa2c1e777',
  title: 'Chandelier with nineteen arms',
  organization: ORGANIZATION.externalId,
  price: usd(900_00),
  createdAt: '2026-04-01T08:00:00.000Z',
}
const BID = {
  source: 'shop',
  externalId: 'BD-900417-X',
  listing: LISTING.externalId,
  bidder: USER.externalId,
  amount: usd(850_00),
  placedAt: '2026-04-02T08:00:00.000Z',
}
const CHECKOUT = {
  source: 'shop',
  externalId: 'CHK-2026-0042-77',
  buyer: USER.externalId,
  placedAt: '2026-04-22T14:03:00.000Z',
  orders: [
    {
      externalId: '5f9d88ab12cd34ef56ab7890',
      number: '1002-3477-19',
      seller: ORGANIZATION.externalId,
      lines: [{ title: 'Chandelier', listing: LISTING.externalId, unitPrice: usd(900_00) }],
    },
  ],
  payment: {
    externalId: 'pm-000311-42',
    amount: usd(900_00),
    paymentIntentId: 'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    chargeId: 'ch_3MtwBwLkdIwHu7ix0snN0B15',
    customerId: USER.stripeCustomerId,
  },
}
const ORDER = CHECKOUT.orders[0]!
const SHIPMENT = {
  source: 'shop',
  externalId: 'PRCL-88-1203',
  order: ORDER.externalId,
  carrier: 'UPS',
  trackingNumber: '1Z999AA10123456784',
  status: 'IN_TRANSIT',
}
const DISPUTE = {
  source: 'shop',
  externalId: 'DSPT-55-0091',
  order: ORDER.externalId,
  amount: usd(100_00),
  reason: 'product_not_received',
  disputeId: 'dp_1Ms4q2LkdIwHu7ixKz',
  openedAt: '2026-05-01T08:00:00.000Z',
}
const PAYOUT = {
  source: 'shop',
  externalId: 'PYT-2026-05-310',
  organization: ORGANIZATION.externalId,
  amount: usd(700_00),
  payoutId: 'po_1Mf9aLkdIwHu7ixQqR',
}

const ID = {
  user: idOf('usr', USER.externalId),
  organization: idOf('org', ORGANIZATION.externalId),
  listing: idOf('lst', LISTING.externalId),
  bid: idOf('bid', BID.externalId),
  checkout: idOf('chk', CHECKOUT.externalId),
  order: idOf('ord', ORDER.externalId),
  payment: idOf('pay', CHECKOUT.payment.externalId),
  shipment: idOf('shp', SHIPMENT.externalId),
  dispute: idOf('dsp', DISPUTE.externalId),
  payout: idOf('pyo', PAYOUT.externalId),
}

type Field =
  | 'ID'
  | 'EXTERNAL_ID'
  | 'NUMBER'
  | 'TRACKING'
  | 'STRIPE'
  | 'EMAIL'
  | 'NAME'
  | 'SLUG'
  | 'TICKET_NUMBER'
type How = 'EXACT' | 'NORMALISED' | 'PREFIX' | 'FRAGMENT' | 'FUZZY'

/** What is typed, what it should lead to, and how. */
interface Search {
  typed: string
  to: string
  field: Field
  how: How | How[]
}

/** The same letters in capitals, or in small ones where they are capitals already. */
const otherCase = (text: string) => (text.toUpperCase() === text ? text.toLowerCase() : text.toUpperCase())
const grouped = (text: string, by: string) =>
  text
    .replace(/[^A-Za-z0-9]/g, '')
    .match(/.{1,4}/g)!
    .join(by)
/** What begins an identifier: enough of it to mean it, and not all. */
const beginning = (text: string) => text.slice(0, Math.max(6, Math.ceil(text.length * 0.6)))

const FREE_FORM: readonly Field[] = ['EXTERNAL_ID', 'NUMBER', 'TRACKING']

/** Every spelling that people type an identifier in. */
function spellings(to: string, field: Field, value: string): Search[] {
  const all: Search[] = [
    { to, field, typed: value, how: 'EXACT' },
    { to, field, typed: `  ${value}\n`, how: 'EXACT' },
    { to, field, typed: beginning(value), how: 'PREFIX' },
  ]
  if (otherCase(value) !== value) {
    all.push({ to, field, typed: otherCase(value), how: 'NORMALISED' })
    all.push({ to, field, typed: otherCase(beginning(value)), how: 'PREFIX' })
  }
  if (FREE_FORM.includes(field))
    for (const by of [' ', '-', ' - ', '.', '\u2013', '\u00a0'])
      all.push({ to, field, typed: grouped(value, by), how: ['NORMALISED', 'EXACT'] })
  return all
}

/** One letter too many, too few, another one, and two that changed places; in the middle, where no beginning helps. */
function typos(to: string, field: Field, value: string): Search[] {
  const at = value.length >> 1
  const [before, after] = [value.slice(0, at), value.slice(at)]
  const swapped = before + after[1] + after[0] + after.slice(2)
  return [`${before}x${after}`, before + after.slice(1), `${before}x${after.slice(1)}`, swapped]
    .filter(typed => typed !== value)
    .map(typed => ({ to, field, typed, how: ['FUZZY', 'FRAGMENT'] }))
}

const SEARCH = `query ($q: String!, $kinds: [EntityType!]) { omnibox(query: $q, kinds: $kinds, first: 50) {
  totalCount hiddenCount nodes { entityType score match { field how detectedAs text } node { id } } } }`

describe.each(['single', 'distributed'] as const)('the omnibox (%s)', topology => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let ticket: Json
  let refundId: string
  let flagId: string

  beforeAll(async () => {
    world = await World.open(`omnibox_${topology}`, { topology })
    people = await world.people()
    const { shop, sam, fay, rita } = people
    for (const [plural, record] of [
      ['users', USER],
      ['organizations', ORGANIZATION],
      ['listings', LISTING],
      ['bids', BID],
      ['checkouts', CHECKOUT],
      ['shipments', SHIPMENT],
      ['disputes', DISPUTE],
      ['payouts', PAYOUT],
    ] as const)
      expect((await shop.record(plural, [record])).problems).toEqual([])
    const opened = await sam.act(
      'openTicket',
      { subject: 'Zirconium enquiry', description: 'Where is it?', linkedEntityIds: [ID.order] },
      'ticket { id number subject }',
    )
    ticket = opened.ticket
    const refunded = await fay.act(
      'issueRefund',
      { orderId: ID.order, amount: usd(10_00), reason: 'GOODWILL', idempotencyKey: 'one' },
      'refund { id }',
    )
    refundId = refunded.refund.id
    const flagged = await rita.act(
      'raiseRiskFlag',
      { subjectId: ID.user, kind: 'IDENTITY', severity: 'HIGH', reason: 'REPORTED' },
      'riskFlag { id }',
    )
    flagId = flagged.riskFlag.id
    await until(async () => (await hitsOf(rita, flagId)).length > 0)
  })
  afterAll(() => world?.close())

  const search = async (who: Person, q: string, kinds?: string[]): Promise<Json> =>
    (await who.ask(SEARCH, { q, kinds })).omnibox
  const hitsOf = async (who: Person, q: string): Promise<Json[]> => (await search(who, q)).nodes

  /** Runs all searches, and tells of those that did not lead where they should. */
  async function failuresOf(who: Person, searches: readonly Search[]): Promise<string[]> {
    const failures: string[] = []
    const left = [...searches]
    const work = async () => {
      for (let one = left.shift(); one; one = left.shift()) {
        const { typed, to, field, how } = one
        const hits = await hitsOf(who, typed)
        const hit = hits.find(({ node }) => node.id === to)
        const is = hit ? `${hit.match.field} ${hit.match.how}` : `nothing of ${hits.length}`
        if (hit?.match.field !== field || ![how].flat().includes(hit.match.how))
          failures.push(`${JSON.stringify(typed)} should find ${to} by ${field} ${how}, found ${is}`)
        else if (hit.match.how === 'EXACT' && hits[0]!.match.how !== 'EXACT')
          failures.push(`${typed} is exact and should come first, came after ${hits[0]!.match.text}`)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    return failures
  }

  const external: [keyof typeof ID, string][] = [
    ['user', USER.externalId],
    ['organization', ORGANIZATION.externalId],
    ['listing', LISTING.externalId],
    ['bid', BID.externalId],
    ['checkout', CHECKOUT.externalId],
    ['order', ORDER.externalId],
    ['payment', CHECKOUT.payment.externalId],
    ['shipment', SHIPMENT.externalId],
    ['dispute', DISPUTE.externalId],
    ['payout', PAYOUT.externalId],
  ]

  test('finds everything by its id of ours, and by its id at the marketplace, in any spelling (E24, E27-E29)', async () => {
    const ours = [...Object.values(ID), ticket.id as string, refundId].flatMap(id => spellings(id, 'ID', id))
    const theirs = external.flatMap(([kind, value]) => spellings(ID[kind], 'EXTERNAL_ID', value))
    expect(await failuresOf(people.sam, [...ours, ...theirs])).toEqual([])
  })

  test('finds orders by number, parcels by tracking number, tickets by number (E24, E25, D64)', async () => {
    const [, year, sequence] = /^TKT-(\d{4})-0*(\d+)$/.exec(ticket.number)!
    const asSaid = [
      `tkt ${year} ${sequence}`,
      `TKT${year}${ticket.number.slice(-5)}`,
      `tkt_${year}_${sequence}`,
      `TKT ${year} ${ticket.number.slice(-5)}`,
    ]
    const number = ORDER.number
    expect(
      await failuresOf(people.sam, [
        ...spellings(ID.order, 'NUMBER', number),
        ...[`#${number}`, `Order ${number}`, `order # ${number}`].map(
          (typed): Search => ({ typed, to: ID.order, field: 'NUMBER', how: ['EXACT', 'NORMALISED'] }),
        ),
        ...spellings(ID.shipment, 'TRACKING', SHIPMENT.trackingNumber),
        { typed: '1Z 999 AA1 01 2345 6784', to: ID.shipment, field: 'TRACKING', how: 'NORMALISED' },
        ...spellings(ticket.id, 'TICKET_NUMBER', ticket.number),
        ...asSaid.map(
          (typed): Search => ({ typed, to: ticket.id, field: 'TICKET_NUMBER', how: 'NORMALISED' }),
        ),
      ]),
    ).toEqual([])
  })

  test('finds payments, people and sellers by what Stripe calls them (E26)', async () => {
    const { payment } = CHECKOUT
    expect(
      await failuresOf(people.sam, [
        ...spellings(ID.payment, 'STRIPE', payment.paymentIntentId),
        ...spellings(ID.payment, 'STRIPE', payment.chargeId),
        ...spellings(ID.user, 'STRIPE', USER.stripeCustomerId),
        ...spellings(ID.organization, 'STRIPE', ORGANIZATION.stripeAccountId),
        ...spellings(ID.dispute, 'STRIPE', DISPUTE.disputeId),
        ...spellings(ID.payout, 'STRIPE', PAYOUT.payoutId),
        {
          typed: `${payment.paymentIntentId}_secret_YrKJUKribcBjcG8HVhfZluoGH`,
          to: ID.payment,
          field: 'STRIPE',
          how: ['EXACT', 'NORMALISED'],
        },
        {
          typed: `https://dashboard.stripe.com/payments/${payment.paymentIntentId}`,
          to: ID.payment,
          field: 'STRIPE',
          how: ['EXACT', 'NORMALISED'],
        },
      ]),
    ).toEqual([])
  })

  test('finds people by address and name, sellers by name and slug, with a typo too (E27)', async () => {
    const { email, name } = USER
    expect(
      await failuresOf(people.sam, [
        ...spellings(ID.user, 'EMAIL', email),
        { typed: `mailto:${email}`, to: ID.user, field: 'EMAIL', how: ['EXACT', 'NORMALISED'] },
        { typed: `Marguerite <${email}>`, to: ID.user, field: 'EMAIL', how: ['EXACT', 'NORMALISED'] },
        ...typos(ID.user, 'EMAIL', email),
        ...spellings(ID.user, 'NAME', name),
        { typed: 'MARGUERITE   delacroix', to: ID.user, field: 'NAME', how: 'NORMALISED' },
        ...typos(ID.user, 'NAME', name),
        ...typos(ID.user, 'NAME', 'Delacroix'),
        ...spellings(ID.organization, 'NAME', ORGANIZATION.name),
        { typed: 'maison lumiere antiques', to: ID.organization, field: 'NAME', how: 'NORMALISED' },
        ...typos(ID.organization, 'NAME', ORGANIZATION.name),
        ...spellings(ID.organization, 'SLUG', ORGANIZATION.slug).filter(({ how }) => how !== 'PREFIX'),
        ...spellings(ID.listing, 'NAME', LISTING.title),
        ...typos(ID.listing, 'NAME', LISTING.title),
      ]),
    ).toEqual([])
  })

  test('each hit says what it was taken for and how it matched, and opens all there is in one query (E30-E32)', async () => {
    const { omnibox } = await people.sam.ask(
      `query ($q: String!) { omnibox(query: $q) { interpretations totalCount nodes {
         entityType score match { field how detectedAs text }
         node { id __typename
           ... on Order { number status refunded { formatted } seller { name slug } buyer { name email } checkout { payments { nodes { paymentIntentId status } } } }
           ... on Node { id } }
         related(first: 50) { relation direction node { id __typename ... on Shipment { trackingNumber } ... on Ticket { number } } }
         recentEvents(first: 20) { id type occurredAt actor { id } } } } }`,
      { q: ORDER.number.replaceAll('-', ' ') },
    )
    const [hit] = omnibox.nodes
    expect(omnibox.totalCount).toBe(1)
    expect(hit).toMatchObject({
      entityType: 'ORDER',
      match: { field: 'NUMBER', how: 'NORMALISED', text: ORDER.number },
      node: {
        id: ID.order,
        __typename: 'Order',
        number: ORDER.number,
        refunded: { formatted: '$10.00' },
        seller: { name: ORGANIZATION.name, slug: ORGANIZATION.slug },
        buyer: { name: USER.name, email: USER.email },
        checkout: {
          payments: { nodes: [{ paymentIntentId: CHECKOUT.payment.paymentIntentId, status: 'CAPTURED' }] },
        },
      },
    })
    expect(omnibox.interpretations).toContain(hit.match.detectedAs)
    const related = hit.related.map(({ node }: Json) => node.id)
    const expected = [ID.checkout, ID.user, ID.organization, ID.shipment, ID.dispute, refundId, ticket.id]
    expect(related).toEqual(expect.arrayContaining(expected))
    expect(hit.related.map(({ node }: Json) => node)).toContainEqual(
      expect.objectContaining({ __typename: 'Shipment', trackingNumber: SHIPMENT.trackingNumber }),
    )
    const types = hit.recentEvents.map(({ type }: Json) => type)
    expect(types).toEqual(expect.arrayContaining(['RefundIssued', 'SupportCaseOpened', 'OrderRecorded']))
    // By their place in the log: two that happened at once may bear times in the other order.
    const places = hit.recentEvents.map(({ id }: Json) => Number(id.slice('evt_'.length)))
    expect(places).toEqual([...places].sort((a, b) => b - a))
  })

  test('everything is linked with what it belongs to, both ways (E31)', async () => {
    const pairs: [string, string][] = [
      [ID.checkout, ID.order],
      [ID.checkout, ID.user],
      [ID.checkout, ID.payment],
      [ID.order, ID.organization],
      [ID.order, ID.listing],
      [ID.order, ID.payment],
      [ID.shipment, ID.order],
      [ID.dispute, ID.order],
      [refundId, ID.order],
      [ID.payout, ID.organization],
      [ID.listing, ID.organization],
      [ID.bid, ID.listing],
      [ID.bid, ID.user],
      [ticket.id, ID.order],
    ]
    const missing: string[] = []
    const linked = async (from: string): Promise<string[]> => {
      const { omnibox } = await people.sam.ask(
        'query ($q: String!) { omnibox(query: $q) { nodes { related(first: 50) { node { id } } recentEvents { type } } } }',
        { q: from },
      )
      expect({ from, hits: omnibox.nodes.length }).toEqual({ from, hits: 1 })
      if (omnibox.nodes[0].recentEvents.length === 0) missing.push(`what happened to ${from}`)
      return omnibox.nodes[0].related.map(({ node }: Json) => node.id)
    }
    for (const [one, other] of pairs) {
      if (!(await linked(one)).includes(other)) missing.push(`${one} → ${other}`)
      if (!(await linked(other)).includes(one)) missing.push(`${other} → ${one}`)
    }
    expect(missing).toEqual([])
  })

  test('several things pasted at once are all found, and kinds narrow it down', async () => {
    const pasted = `${SHIPMENT.trackingNumber}\n${USER.email}, ${CHECKOUT.payment.chargeId}`
    const ids = async (kinds?: string[]) =>
      (await search(people.sam, pasted, kinds)).nodes.map(({ node }: Json) => node.id)
    expect((await ids()).sort()).toEqual([ID.shipment, ID.user, ID.payment].sort())
    expect(await ids(['SHIPMENT'])).toEqual([ID.shipment])
    expect(await ids(['PAYOUT'])).toEqual([])
    for (const q of ['', '  ', 'ab', '--- !'])
      expect((await people.sam.send(SEARCH, { q })).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT' } },
      ])
    expect((await search(people.sam, 'no-such-thing-anywhere-0815')).nodes).toEqual([])
    expect((await search(people.sam, "'; drop table search.identifier; --%_\\")).nodes).toEqual([])
  })

  test('who may not see a thing finds no more of it than that it is there', async () => {
    const { sam, fay, cato, aldo, rita, ada } = people
    for (const who of [sam, fay, cato])
      expect(await search(who, flagId)).toMatchObject({ totalCount: 0, hiddenCount: 1, nodes: [] })
    for (const who of [rita, ada, aldo])
      expect(await search(who, flagId)).toMatchObject({
        totalCount: 1,
        hiddenCount: 0,
        nodes: [{ entityType: 'RISK_FLAG', node: { id: flagId } }],
      })

    const { omnibox } = await sam.ask(
      'query ($q: String!) { omnibox(query: $q) { nodes { related(first: 50) { node { id } } recentEvents(first: 50) { type } } } }',
      { q: ID.user },
    )
    expect(JSON.stringify(omnibox)).not.toMatch(/flg_|RiskFlag/)

    // Names and addresses are closed to catalog and audit as fields, so searching for them tells nothing either.
    for (const who of [cato, aldo])
      for (const q of [USER.email, USER.name, 'marguerite.delacroix', 'Delacroix'])
        expect({ q, ...(await search(who, q)) }).toEqual({ q, totalCount: 0, hiddenCount: 0, nodes: [] })
    expect((await search(cato, USER.externalId)).nodes).toMatchObject([{ node: { id: ID.user } }])
  })
})
