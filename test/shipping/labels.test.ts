import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EasyPostServer, type Mishap } from '../kit/easypost.js'
import { idOf, type Json, type Person, paidOrder, until, usd, World } from '../kit/world.js'

const ADDRESS = {
  name: 'Berta Buyer',
  street: '417 Montgomery St',
  city: 'San Francisco',
  region: 'CA',
  postalCode: '94104',
  country: 'US',
}
const ORIGIN = {
  name: 'Dock 4',
  street: '1 Depot Rd',
  city: 'Austin',
  region: 'TX',
  postalCode: '78701',
  country: 'US',
}
/** More than the longest wait of a reaction between two tries within the first minutes, and than a lease. */
const WHILE = 130_000

/** E46: a label is bought once, whatever the carrier, the network and our own process do. */
describe('labels of EasyPost', () => {
  let easypost: EasyPostServer
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let keys = 0

  beforeAll(async () => {
    easypost = await EasyPostServer.open()
    world = await World.open('labels', {
      process: 'own',
      env: { ...easypost.env, EASYPOST_TIMEOUT_MS: '1500' },
    })
    people = await world.people()
  })
  afterAll(async () => {
    await world?.close()
    await easypost?.close()
  })

  /** A parcel whose label the marketplace could not buy. */
  async function parcel(name: string, more: Json = {}): Promise<string> {
    await paidOrder(people.shop, name)
    const record = {
      source: 'shop',
      externalId: name,
      order: name,
      labelStatus: 'FAILED',
      labelError: 'Insufficient funds.',
      destination: ADDRESS,
      originLocation: ORIGIN,
      parcel: { weightGrams: 900, lengthMm: 300, widthMm: 200, heightMm: 100 },
      shippingCredit: usd(7_00),
      ...more,
    }
    const { problems } = await people.shop.record('shipments', [record])
    expect(problems).toEqual([])
    return idOf('shp', name)
  }

  const retry = (shipmentId: string, more: Json = {}, who: Person = people.sam) =>
    who.act(
      'retryLabelPurchase',
      { shipmentId, reason: 'PURCHASE_FAILED', idempotencyKey: `k${++keys}`, ...more },
      'shipment { id labelState }',
    )

  const FIELDS = `labelState status trackingNumber carrier service labelCost { amount } variance { amount formatted }
    label { cost { amount currency } carrier service trackingNumber purchasedAt url }
    labelPurchase { state attempts by service code message carrierShipmentId } hasAddressProblem addressProblem
    issues { kind state evidence suggestedActions { action why } }`
  const look = async (id: string): Promise<Json> =>
    (await people.sam.ask(`query ($id: ID!) { shipment(id: $id) { ${FIELDS} } }`, { id })).shipment

  /** Waits until the purchase came to its end; the product's clock goes ahead, so that it does not wait between tries. */
  const settled = (id: string) =>
    until<Json>(async () => {
      const { labelState } = await look(id)
      if (labelState !== 'PENDING') return look(id)
      const [{ waiting }] = (await world.sql(
        `select count(*)::int as waiting from log.reaction_job where state = 'PENDING' and attempts > 0
         and reaction in ('buyLabels', 'prepareLabels')`,
      )) as [{ waiting: number }]
      if (waiting) world.advance(WHILE)
      return undefined as unknown as Json
    })

  const issuesOf = async (id: string, ...kinds: string[]) =>
    until(async () => {
      const { issues } = await look(id)
      const open = issues.map((issue: Json) => issue.kind).sort()
      return JSON.stringify(open) === JSON.stringify([...kinds].sort()) && issues.length + 1
    })

  const eventsOf = async (id: string) =>
    (await world.sql('select type from log.event where stream_id = $1 order by version', [id])).map(
      e => e.type,
    )

  test('one click: the cheapest rate of the recorded carrier, with cost, tracking, url and variance', async () => {
    const id = await parcel('l1', { carrier: 'USPS' })
    await issuesOf(id, 'LABEL_PURCHASE_FAILED')
    const { shipment, events } = await retry(id)
    expect(shipment).toEqual({ id, labelState: 'PENDING' })
    expect(events).toMatchObject([{ type: 'LabelPurchaseRetried' }])
    const bought = await settled(id)
    const [theirs] = [...easypost.shipments.values()].filter(({ reference }) => reference === `${id}-1`)
    expect(bought).toMatchObject({
      labelState: 'PURCHASED',
      status: 'LABEL_CREATED',
      carrier: 'USPS',
      service: 'GroundAdvantage',
      trackingNumber: theirs!.tracking_code,
      labelCost: { amount: 593 },
      variance: { amount: 107, formatted: '$1.07' },
      label: {
        cost: { amount: 593, currency: 'USD' },
        carrier: 'USPS',
        url: `https://labels.example/${theirs!.id}.png`,
        purchasedAt: expect.any(String),
      },
      labelPurchase: { state: 'PURCHASED', attempts: 1, by: 'easypost', code: null, message: null },
    })
    expect(easypost.labelsOf(id)).toBe(1)
    await issuesOf(id)
    expect(await eventsOf(id)).toEqual([
      'ShipmentRecorded',
      'ShipmentIssueDetected',
      'LabelPurchaseRetried',
      'LabelPurchasePrepared',
      'LabelPurchased',
      'ShipmentIssueCleared',
    ])
    const { body } = easypost.asked.find(one => one.route === 'create')!
    expect(body.shipment).toMatchObject({
      reference: `${id}-1`,
      to_address: { street1: '417 Montgomery St', zip: '94104', country: 'US' },
      from_address: { street1: '1 Depot Rd', city: 'Austin' },
      parcel: { weight: 31.7, length: 11.8, width: 7.9, height: 3.9 },
    })
  })

  test('the service that is asked for, also from another carrier; one that is not offered is named with those that are', async () => {
    const id = await parcel('l2', { carrier: 'USPS' })
    await retry(id, { service: 'express moon' })
    expect(await settled(id)).toMatchObject({
      labelState: 'FAILED',
      labelPurchase: {
        code: 'SERVICE_NOT_OFFERED',
        message: expect.stringContaining('USPS Priority, USPS GroundAdvantage, UPS Ground'),
      },
    })
    await retry(id, { service: 'ground', reason: 'SERVICE_CHANGED' })
    expect(await settled(id)).toMatchObject({
      carrier: 'UPS',
      service: 'Ground',
      label: { cost: { amount: 1120 } },
    })
    expect(easypost.labelsOf(id)).toBe(1)
  })

  test('two clicks at the same time, and one after: one label, and a refusal with facts', async () => {
    const id = await parcel('l3')
    easypost.next('create', { delay: 400 })
    const both = await Promise.all([retry(id), retry(id, {}, people.lea)])
    const refused = both.flatMap(({ userErrors }) => userErrors)
    expect(refused).toMatchObject([
      {
        code: 'INVALID_STATE',
        field: 'shipmentId',
        facts: { labelState: 'PENDING', attempt: 1, by: 'easypost' },
      },
    ])
    expect((await retry(id)).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
    const { trackingNumber } = await settled(id)
    expect((await retry(id)).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { labelState: 'PURCHASED', trackingNumber } },
    ])
    expect(easypost.labelsOf(id)).toBe(1)
  })

  test('the same key is one purchase, and without a key there is none', async () => {
    const id = await parcel('l4')
    const all = await Promise.all(Array.from({ length: 20 }, () => retry(id, { idempotencyKey: 'same' })))
    expect(all.flatMap(({ userErrors }) => userErrors)).toEqual([])
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await retry(id, { idempotencyKey: null })).userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    ])
    await settled(id)
    expect(easypost.labelsOf(id)).toBe(1)
  })

  test.each<[string, Mishap, string, string]>([
    [
      'not enough money',
      { status: 402, code: 'INSUFFICIENT_FUNDS', message: 'Your balance is too low.' },
      'INSUFFICIENT_FUNDS',
      'There is not enough money with the carrier.',
    ],
    [
      'the rate is gone',
      { status: 422, code: 'SHIPMENT.POSTAGE.RATE_UNAVAILABLE', message: 'Gone.' },
      'SHIPMENT.POSTAGE.RATE_UNAVAILABLE',
      'The rate is no longer offered; another try asks for a new one.',
    ],
    [
      'the key',
      { status: 401, code: 'APIKEY.INACTIVE', message: 'No.' },
      'APIKEY.INACTIVE',
      'The carrier does not accept our key: see EASYPOST_API_KEY.',
    ],
  ])(
    'final: %s; it lands in the issues, and another try buys',
    async (name, mishap, code, message) => {
      const id = await parcel(`final-${name.replaceAll(' ', '-')}`)
      easypost.next('buy', mishap)
      await retry(id)
      expect(await settled(id)).toMatchObject({
        labelState: 'FAILED',
        label: null,
        labelPurchase: { attempts: 1, code, message },
      })
      const issue = await until(async () =>
        (await look(id)).issues.find((one: Json) => one.evidence.code === code),
      )
      expect(issue).toMatchObject({
        kind: 'LABEL_PURCHASE_FAILED',
        evidence: { attempts: 1, by: 'easypost' },
      })
      expect(issue.suggestedActions[0]).toMatchObject({ action: 'retryLabelPurchase' })
      expect(easypost.labelsOf(id)).toBe(0)
      await retry(id)
      expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', labelPurchase: { attempts: 2 } })
      expect(easypost.labelsOf(id)).toBe(1)
      await issuesOf(id)
    },
    60_000,
  )

  test('an address that the carrier refuses is an issue of its own, until it is mended; what it says stays personal', async () => {
    const id = await parcel('l5')
    const message = 'Unable to verify 417 Montgomery St'
    easypost.next('create', { status: 422, code: 'ADDRESS.VERIFY.FAILURE', message })
    await retry(id)
    expect(await settled(id)).toMatchObject({
      labelPurchase: { code: 'ADDRESS.VERIFY.FAILURE', message: 'The carrier does not accept the address.' },
      hasAddressProblem: true,
      addressProblem: message,
    })
    await issuesOf(id, 'ADDRESS_INVALID', 'LABEL_PURCHASE_FAILED')
    const [{ kept }] = (await world.sql(
      `select count(*)::int as kept from log.event where payload::text like '%Montgomery%'`,
    )) as [{ kept: number }]
    expect(kept).toBe(0)
    await people.sam.act('updateShipmentMetadata', {
      shipmentId: id,
      reason: 'WRONG_ADDRESS',
      patch: { destination: { ...ADDRESS, street: '418 Montgomery St' } },
    })
    await issuesOf(id, 'LABEL_PURCHASE_FAILED')
    await retry(id, { reason: 'ADDRESS_MENDED' })
    expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', addressProblem: null })
    const [theirs] = [...easypost.shipments.values()].filter(({ reference }) => reference === `${id}-2`)
    expect(theirs!.to_address.street1).toBe('418 Montgomery St')
  })

  test('nobody offers to take it: said with an address issue when that is why', async () => {
    const id = await parcel('l6')
    easypost.noRates = 'Invalid postal code for destination'
    await retry(id)
    expect(await settled(id)).toMatchObject({ labelPurchase: { code: 'NO_RATES' }, hasAddressProblem: true })
    easypost.noRates = null
  })

  test.each<[string, 'create' | 'buy' | 'retrieve', Mishap[]]>([
    ['429, then well', 'buy', [{ status: 429, code: 'RATE_LIMITED' }]],
    ['500 without having bought', 'buy', [{ status: 500 }]],
    ['500 after having bought', 'buy', [{ status: 500, after: true }]],
    ['503 three times', 'buy', [{ status: 503 }, { status: 503 }, { status: 503 }]],
    ['never answers', 'buy', [{ hang: true }]],
    ['never answers, having bought', 'buy', [{ hang: true, after: true }]],
    ['hangs up', 'buy', [{ drop: true }]],
    ['hangs up after having bought', 'buy', [{ drop: true, after: true }]],
    ['carrier timed out', 'buy', [{ status: 422, code: 'SHIPMENT.POSTAGE.TIMED_OUT' }]],
    ['in progress, then done', 'buy', [{ status: 422, code: 'SHIPMENT.PURCHASE.IN_PROGRESS', after: true }]],
    ['hangs up after having made it known', 'create', [{ drop: true, after: true }]],
    ['500 when looked up', 'retrieve', [{ status: 500 }, { status: 502 }]],
  ])(
    'undetermined: %s: looked up, tried again, one label',
    async (name, route, mishaps) => {
      const id = await parcel(`undetermined-${name.replaceAll(/\W+/g, '-')}`)
      easypost.next(route, ...mishaps)
      await retry(id)
      expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', labelPurchase: { attempts: 1 } })
      expect(easypost.labelsOf(id)).toBe(1)
      const theirs = [...easypost.shipments.values()].filter(({ reference }) => reference === `${id}-1`)
      expect(theirs).toHaveLength(1)
      expect((await look(id)).trackingNumber).toBe(theirs[0]!.tracking_code)
    },
    60_000,
  )

  test('“already purchased” is success: it is read back', async () => {
    const id = await parcel('l7')
    // Their look-up is behind: it shows no label, and buying says that there is one.
    easypost.next('buy', { status: 500, after: true })
    await retry(id)
    const theirs = await until<Json>(
      () =>
        [...easypost.shipments.values()].find(
          one => one.reference === `${id}-1` && one.postage_label,
        ) as Json,
    )
    const { postage_label, selected_rate, tracking_code } = theirs
    Object.assign(theirs, { postage_label: null, selected_rate: null, tracking_code: null })
    easypost.next('buy', { status: 422, code: 'SHIPMENT.POSTAGE.EXISTS' })
    const before = easypost.count('buy')
    world.advance(WHILE)
    await until(() => easypost.count('buy') > before)
    Object.assign(theirs, { postage_label, selected_rate, tracking_code })
    expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', trackingNumber: tracking_code })
    expect(easypost.labelsOf(id)).toBe(1)
  })

  test('a carrier that never says what became of it ends as a failure; the next try takes the label that is there', async () => {
    const id = await parcel('l8')
    easypost.next('buy', { status: 500, after: true })
    easypost.next('retrieve', {}, {})
    await retry(id)
    await until(() => easypost.labelsOf(id) === 1)
    easypost.next('retrieve', ...Array.from({ length: 6 }, () => ({ status: 503 })))
    expect(await settled(id)).toMatchObject({
      labelState: 'FAILED',
      labelPurchase: { code: 'CARRIER_UNAVAILABLE', attempts: 1 },
    })
    await issuesOf(id, 'LABEL_PURCHASE_FAILED')
    await retry(id)
    expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', labelPurchase: { attempts: 2 } })
    expect(easypost.labelsOf(id)).toBe(1)
  })

  test('a label that the marketplace bought unawares is found by the id that it recorded', async () => {
    const id = await parcel('l9')
    const other = await parcel('l9-theirs')
    await retry(other)
    await settled(other)
    const [theirs] = [...easypost.shipments.values()].filter(({ reference }) => reference === `${other}-1`)
    const known = await parcel('l9-known', { carrierShipmentId: theirs!.id })
    await retry(known)
    expect(await settled(known)).toMatchObject({
      labelState: 'PURCHASED',
      trackingNumber: theirs!.tracking_code,
      labelPurchase: { carrierShipmentId: theirs!.id },
    })
    expect(easypost.labelsOf(known)).toBe(0)
    expect(await look(id)).toMatchObject({ labelState: 'FAILED' })
  })

  test.each<[string, 'create' | 'buy', Mishap]>([
    ['between being known and being bought', 'create', { delay: 300 }],
    ['in the middle of making it known', 'create', { hang: true, after: true }],
    ['in the middle of buying', 'buy', { hang: true, after: true }],
    ['just before the carrier sells it', 'buy', { delay: 1_200 }],
  ])(
    'kill -9 %s: one label',
    async (name, route, mishap) => {
      const id = await parcel(`killed-${name.replaceAll(' ', '-')}`)
      const before = easypost.count(route)
      easypost.next(route, mishap)
      await retry(id)
      await until(() => easypost.count(route) > before)
      if (name.startsWith('between'))
        await until(async () => (await eventsOf(id)).includes('LabelPurchasePrepared'))
      await world.kill()
      await new Promise(resolve => setTimeout(resolve, 1_500))
      await world.start()
      world.advance(WHILE)
      expect(await settled(id)).toMatchObject({ labelState: 'PURCHASED', labelPurchase: { attempts: 1 } })
      expect(easypost.labelsOf(id)).toBe(1)
      expect((await eventsOf(id)).filter(type => type === 'LabelPurchased')).toHaveLength(1)
      expect((await eventsOf(id)).filter(type => type === 'LabelPurchasePrepared')).toHaveLength(1)
    },
    60_000,
  )

  test('refused: no such parcel, left already, called off, not enough known; and nothing reaches the carrier', async () => {
    const before = easypost.asked.length
    expect((await retry('shp_nothing')).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'shipmentId' },
    ])
    const left = await parcel('l10', { status: 'IN_TRANSIT' })
    expect((await retry(left)).userErrors).toMatchObject([
      { code: 'ALREADY_SHIPPED', facts: { status: 'IN_TRANSIT' } },
    ])
    const off = await parcel('l11')
    await people.sam.act('cancelOrder', {
      orderId: idOf('ord', 'l11'),
      reason: 'BUYER_REQUEST',
      idempotencyKey: 'off',
    })
    expect((await retry(off)).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { orderStatus: 'CANCELED' } },
    ])
    const bare = await parcel('l12', { destination: null, parcel: null })
    expect((await retry(bare)).userErrors).toMatchObject([
      {
        code: 'INVALID_STATE',
        facts: {
          missing: ['destination.street', 'destination.city', 'destination.country', 'parcel.weightGrams'],
        },
      },
    ])
    expect(easypost.asked).toHaveLength(before)
  })

  test('an order called off while its label is being bought gets none', async () => {
    const id = await parcel('l13')
    easypost.next('buy', { status: 503 })
    const before = easypost.count('buy')
    await retry(id)
    await until(() => easypost.count('buy') > before)
    const { userErrors } = await people.sam.act('cancelOrder', {
      orderId: idOf('ord', 'l13'),
      reason: 'BUYER_REQUEST',
      idempotencyKey: 'l13',
    })
    expect(userErrors).toEqual([])
    expect(await settled(id)).toMatchObject({
      labelState: 'FAILED',
      labelPurchase: { code: 'ORDER_CANCELED' },
    })
    expect(easypost.labelsOf(id)).toBe(0)
  })

  test('who may: support, their leads and Super Admins; others are told who', async () => {
    const id = await parcel('l14')
    for (const who of [people.rita, people.fay, people.cato, people.aldo]) {
      const { errors } = await who.send(
        `mutation ($i: RetryLabelPurchaseInput!) { retryLabelPurchase(input: $i) { events { id } } }`,
        { i: { shipmentId: id, reason: 'PURCHASE_FAILED', idempotencyKey: 'x' } },
      )
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    }
    expect((await retry(id, { dryRun: true }, people.ada)).events).toMatchObject([
      { type: 'LabelPurchaseRetried' },
    ])
    expect((await look(id)).labelState).toBe('FAILED')
  })

  test('where a parcel is: asked of the carrier, answered in shared words and its own, kept as evidence', async () => {
    const id = await parcel('l15', {
      labelStatus: 'PURCHASED',
      carrier: 'UPS',
      trackingNumber: '1Z999AA10123456784',
    })
    easypost.whereabouts.set('1Z999AA10123456784', {
      status: 'delivered',
      status_detail: 'arrived_at_destination',
      signed_by: 'B BUYER',
      public_url: 'https://track.example/x',
      tracking_details: [
        { status: 'pre_transit', message: 'Label created', datetime: '2026-04-20T10:00:00Z' },
        { status: 'in_transit', message: 'Departed', datetime: '2026-04-21T10:00:00Z' },
        {
          status: 'delivered',
          message: 'DELIVERED',
          datetime: '2026-04-23T15:04:00Z',
          tracking_location: { city: 'SAN FRANCISCO', state: 'CA', country: 'US' },
        },
      ],
    })
    const asked = await people.rita.act('confirmCarrierStatus', { shipmentId: id })
    expect(asked.events).toMatchObject([{ type: 'CarrierStatusRequested' }])
    const shipment = await until(async () => {
      const { shipment } = await people.aldo.ask(
        `query ($id: ID!) { shipment(id: $id) { status carrierStatus lastScanAt deliveredAt
          carrierStatusHistory { at carrier status carrierStatus lastScanAt deliveredAt evidence } } }`,
        { id },
      )
      return shipment.carrierStatusHistory.length && shipment
    })
    expect(shipment).toMatchObject({
      status: 'DELIVERED',
      carrierStatus: 'DELIVERED',
      lastScanAt: '2026-04-23T15:04:00.000Z',
      deliveredAt: '2026-04-23T15:04:00.000Z',
      carrierStatusHistory: [
        {
          carrier: 'UPS',
          status: 'DELIVERED',
          evidence: { from: 'EasyPost', isSigned: true, lastScan: { city: 'SAN FRANCISCO', region: 'CA' } },
        },
      ],
    })
    // The marketplace repeats what it said before: what the carrier said since stays.
    await people.shop.record('shipments', [
      {
        source: 'shop',
        externalId: 'l15',
        order: 'l15',
        labelStatus: 'PURCHASED',
        carrier: 'UPS',
        trackingNumber: '1Z999AA10123456784',
        shippingCredit: usd(8_00),
      },
    ])
    expect(await look(id)).toMatchObject({ status: 'DELIVERED' })
  })

  test('a carrier that does not know the number is an answer too', async () => {
    const id = await parcel('l16', { labelStatus: 'PURCHASED', trackingNumber: '1Z999AA10123456785' })
    await people.sam.act('confirmCarrierStatus', { shipmentId: id })
    await until(async () => (await eventsOf(id)).includes('CarrierStatusNotConfirmed'))
    const bare = await parcel('l17')
    expect((await people.sam.act('confirmCarrierStatus', { shipmentId: bare })).userErrors).toMatchObject([
      { code: 'INVALID_STATE', facts: { missing: ['trackingNumber'] } },
    ])
  })

  test('nothing was done twice in the whole log, and it verifies', async () => {
    const doubled = await world.sql(
      `select stream_id from log.event where type = 'LabelPurchased' group by stream_id having count(*) > 1`,
    )
    expect(doubled).toEqual([])
    const dead = await world.sql(`select reaction, last_error from log.reaction_job where state = 'DEAD'`)
    expect(dead).toEqual([])
    expect(await world.command('verify')).toMatchObject({ code: 0 })
  })
})

test('without a key the product does not start, and says what it lacks', async () => {
  const world = await World.prepare('no_key', { process: 'own', env: { CARRIER: 'easypost' } })
  const said = await world.start().then(
    () => '',
    error => String(error),
  )
  expect(said).toContain('EASYPOST_API_KEY is missing')
  await world.close()
})
