import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, paidOrder, until, usd, World } from '../kit/world.js'

const DAY = 86_400_000
const HOUR = 3_600_000

/** E34, E36, E41 to E48, E70 with people as the carrier: the default. */
describe('the shipping console', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let keys = 0
  const key = () => ({ idempotencyKey: `s${++keys}` })

  beforeAll(async () => {
    world = await World.open('shipments')
    people = await world.people()
  })
  afterAll(() => world?.close())

  async function parcel(name: string, more: Json = {}, order = name): Promise<string> {
    const known = await world.sql('select id from orders."order" where id = $1', [idOf('ord', order)])
    if (!known.length) await paidOrder(people.shop, order)
    await record(name, { order, ...more })
    return idOf('shp', name)
  }
  async function record(name: string, more: Json): Promise<void> {
    const { problems } = await people.shop.record('shipments', [
      { source: 'shop', externalId: name, order: name, ...more },
    ])
    expect(problems).toEqual([])
  }
  const look = async (id: string, fields: string): Promise<Json> =>
    (await people.sam.ask(`query ($id: ID!) { shipment(id: $id) { ${fields} } }`, { id })).shipment
  const ISSUES = 'issues { id kind state detectedAt evidence suggestedActions { action why } occurrences }'
  const issue = (id: string, kind: string): Promise<Json> =>
    until<Json>(async () => (await look(id, ISSUES)).issues.find((one: Json) => one.kind === kind))
  const without = (id: string, kind: string) =>
    until(async () => !(await look(id, ISSUES)).issues.some((one: Json) => one.kind === kind))

  describe('what the marketplace tells', () => {
    test('origin, seller, lines, credit with formula and inputs, label, variance; in one query from the checkout', async () => {
      const orders = [
        {
          externalId: 'a-1',
          seller: 'seller-1',
          lines: [
            { externalId: 'line-1', title: 'Lamp', quantity: 2, unitPrice: usd(40_00) },
            { externalId: 'line-2', title: 'Shade', unitPrice: usd(10_00) },
          ],
          shipping: usd(10_00),
        },
        { externalId: 'a-2', seller: 'seller-2', lines: [{ title: 'Vase', unitPrice: usd(50_00) }] },
      ]
      await paidOrder(people.shop, 'a', usd(150_00), { orders })
      await people.shop.record('shipments', [
        {
          source: 'shop',
          externalId: 'a-1-1',
          order: 'a-1',
          carrier: 'UPS',
          service: 'Ground',
          trackingNumber: '1Z999AA10123456784',
          carrierStatus: 'Departed from Facility',
          originLocation: {
            name: 'Dock 4',
            street: '1 Depot Rd',
            city: 'Austin',
            region: 'TX',
            country: 'us',
          },
          destination: {
            name: 'B. Buyer',
            street: '417 Montgomery St',
            city: 'San Francisco',
            country: 'US',
          },
          lines: [
            { externalId: 'line-1', quantity: 1 },
            { externalId: 'line-9', quantity: 1 },
          ],
          labelCost: usd(11_20),
          shippingCharged: usd(10_00),
          shippingCredit: usd(8_50),
          creditFormula: 'charged - 15 %',
          creditInputs: { charged: 1000, rate: 0.15 },
        },
        { source: 'shop', externalId: 'a-2-1', order: 'a-2', origin: 'Lyon, FR' },
      ])
      const fields = `id status carrierStatus origin originLocation { name street city region country }
        destination { name street city } seller { id } lines { externalId quantity orderLine { title } }
        shippingCredit { formatted } shippingBreakdown { charged { amount } credited { amount } formula inputs labelCost { amount } variance { formatted } }
        label { cost { amount } carrier service trackingNumber url } labelState variance { amount } issues { kind }`
      const { checkout } = await people.fay.ask(
        `query ($id: ID!) { checkout(id: $id) { shipments { totalCount nodes { ${fields} } } } }`,
        { id: idOf('chk', 'c-a') },
      )
      expect(checkout.shipments.totalCount).toBe(2)
      const [first, second] = ['a-1-1', 'a-2-1'].map(name =>
        checkout.shipments.nodes.find(({ id }: Json) => id === idOf('shp', name)),
      )
      expect(first).toEqual({
        id: idOf('shp', 'a-1-1'),
        status: 'IN_TRANSIT',
        carrierStatus: 'Departed from Facility',
        origin: 'Austin, TX, US',
        originLocation: { name: 'Dock 4', street: null, city: 'Austin', region: 'TX', country: 'US' },
        destination: { name: 'B. Buyer', street: '417 Montgomery St', city: 'San Francisco' },
        seller: { id: idOf('org', 'seller-1') },
        lines: [
          { externalId: 'line-1', quantity: 1, orderLine: { title: 'Lamp' } },
          { externalId: 'line-9', quantity: 1, orderLine: null },
        ],
        shippingCredit: { formatted: '$8.50' },
        shippingBreakdown: {
          charged: { amount: 1000 },
          credited: { amount: 850 },
          formula: 'charged - 15 %',
          inputs: { charged: 1000, rate: 0.15 },
          labelCost: { amount: 1120 },
          variance: { formatted: '-$2.70' },
        },
        label: {
          cost: { amount: 1120 },
          carrier: 'UPS',
          service: 'Ground',
          trackingNumber: '1Z999AA10123456784',
          url: null,
        },
        labelState: 'PURCHASED',
        variance: { amount: -270 },
        issues: [],
      })
      expect(second).toMatchObject({ origin: 'Lyon, FR', lines: null, label: null, labelState: 'NONE' })
    })

    test('where people live is not for everybody, and never in what stays for ever', async () => {
      const id = await parcel('b', {
        destination: { name: 'Zoe Hidden', street: '9 Secret Ln', city: 'Reno', country: 'US' },
        addressProblem: 'No such number: 9 Secret Ln',
      })
      const query = 'query ($id: ID!) { shipment(id: $id) { id destination { street } addressProblem } }'
      for (const who of [people.aldo, people.cato]) {
        const { data, errors } = await who.send(query, { id })
        expect(data!.shipment).toEqual({ id, destination: null, addressProblem: null })
        expect(errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
      }
      await issue(id, 'ADDRESS_INVALID')
      const kept = await world.sql(`select 1 from log.event where payload::text ~ 'Secret|Zoe'`)
      expect(kept).toEqual([])
    })

    test('a record says only what is new: what it repeats does not undo what people and carriers said since', async () => {
      const id = await parcel('c', { carrier: 'UPS', trackingNumber: 'WRONG', status: 'LABEL_CREATED' })
      await people.sam.act('updateShipmentMetadata', {
        shipmentId: id,
        reason: 'WRONG_TRACKING',
        patch: { trackingNumber: '1Z999AA10123456784' },
      })
      await record('c', { carrier: 'UPS', trackingNumber: 'WRONG', status: 'IN_TRANSIT' })
      expect(await look(id, 'trackingNumber status')).toEqual({
        trackingNumber: '1Z999AA10123456784',
        status: 'IN_TRANSIT',
      })
      await record('c', { carrier: 'UPS', trackingNumber: '1Z999AA10123456799', status: 'IN_TRANSIT' })
      expect((await look(id, 'trackingNumber')).trackingNumber).toBe('1Z999AA10123456799')
    })

    test('bad records are named', async () => {
      await paidOrder(people.shop, 'bad')
      const base = { source: 'shop', order: 'bad' }
      const { problems } = await people.shop.record('shipments', [
        { ...base, externalId: 'x1', lines: [{ externalId: 'l', quantity: 0 }] },
        { ...base, externalId: 'x2', parcel: { weightGrams: 0 } },
        { ...base, externalId: 'x3', creditInputs: [1] },
        { ...base, externalId: 'x4', destination: { country: 'USA' } },
      ])
      expect(problems.map(({ field }: Json) => field)).toEqual([
        'lines.0.quantity',
        'parcel.weightGrams',
        'creditInputs',
        'destination.country',
      ])
    })
  })

  describe('labels that people buy', () => {
    const retry = (shipmentId: string, more: Json = {}) =>
      people.sam.act(
        'retryLabelPurchase',
        { shipmentId, reason: 'PURCHASE_FAILED', ...key(), ...more },
        'shipment { labelState }',
      )
    const enter = (shipmentId: string, more: Json = {}) =>
      people.lea.act(
        'recordLabelPurchase',
        {
          shipmentId,
          carrier: 'USPS',
          service: 'Priority',
          trackingNumber: '9405511202508888888888',
          cost: usd(7_58),
          reason: 'BOUGHT_BY_HAND',
          ...key(),
          ...more,
        },
        'shipment { labelState status trackingNumber labelCost { amount } }',
      )

    test('a retry puts it on the list of people; they enter what they bought, once', async () => {
      const id = await parcel('d', { labelStatus: 'FAILED', labelError: 'Rate expired.' })
      const failed = await issue(id, 'LABEL_PURCHASE_FAILED')
      expect(failed).toMatchObject({ evidence: { by: 'marketplace', error: 'Rate expired.', attempts: 0 } })
      expect((await enter(id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', facts: { labelState: 'FAILED' } },
      ])
      expect((await retry(id)).shipment).toEqual({ labelState: 'TO_DO' })
      expect((await retry(id)).userErrors).toMatchObject([
        { code: 'INVALID_STATE', facts: { labelState: 'TO_DO', by: 'manual' } },
      ])
      const { shipments } = await people.lea.ask(
        '{ shipments(filter: { labelState: TO_DO }) { nodes { id labelPurchase { state by attempts } } } }',
      )
      expect(shipments.nodes).toEqual([{ id, labelPurchase: { state: 'TO_DO', by: 'manual', attempts: 1 } }])
      const both = await Promise.all([enter(id), enter(id, { trackingNumber: '9405511202508888888889' })])
      expect(both.flatMap(({ userErrors }) => userErrors)).toMatchObject([{ code: 'INVALID_STATE' }])
      expect(await look(id, 'labelState status labelCost { amount }')).toEqual({
        labelState: 'PURCHASED',
        status: 'LABEL_CREATED',
        labelCost: { amount: 758 },
      })
      await without(id, 'LABEL_PURCHASE_FAILED')
      const { issues } = await look(id, 'issues(includeCleared: true) { state clearedAt clearedBecause }')
      expect(issues).toEqual([
        { state: 'CLEARED', clearedAt: expect.any(String), clearedBecause: 'It has a label.' },
      ])
    })

    test('what nobody could buy is abandoned, and can be tried anew', async () => {
      const id = await parcel('e')
      await retry(id)
      await people.sam.act('abandonLabelPurchase', { shipmentId: id, reason: 'ADDRESS_REFUSED', ...key() })
      expect(await look(id, 'labelState labelPurchase { code } hasAddressProblem')).toEqual({
        labelState: 'FAILED',
        labelPurchase: { code: 'ADDRESS_REFUSED' },
        hasAddressProblem: true,
      })
      await issue(id, 'ADDRESS_INVALID')
      await issue(id, 'LABEL_PURCHASE_FAILED')
      expect((await retry(id)).shipment).toEqual({ labelState: 'TO_DO' })
    })

    test('bad entries: another currency is fine, less than nothing is not; without a key nothing happens', async () => {
      const id = await parcel('f')
      await retry(id)
      expect((await enter(id, { cost: usd(-1) })).userErrors).toMatchObject([
        { code: 'NOT_POSITIVE', field: 'cost' },
      ])
      expect((await enter(id, { idempotencyKey: null })).userErrors).toMatchObject([
        { code: 'IDEMPOTENCY_KEY_REQUIRED' },
      ])
      expect((await enter(id, { cost: { amount: 700, currency: 'EUR' } })).userErrors).toEqual([])
      expect(await look(id, 'variance { amount }')).toEqual({ variance: null })
    })
  })

  describe('updateShipmentMetadata', () => {
    const update = (shipmentId: string, patch: Json, more: Json = {}) =>
      people.sam.act(
        'updateShipmentMetadata',
        { shipmentId, patch, reason: 'WRONG_ADDRESS', ...more },
        'shipment { version carrier service trackingNumber origin originLocation { city } destination { street } hasAddressProblem addressProblem }',
      )

    test('before and after stand in the event, addresses apart; null takes away; the omnibox follows', async () => {
      const id = await parcel('g', {
        carrier: 'UPS',
        service: 'Ground',
        trackingNumber: '1Z999AA10123456700',
        destination: { street: '1 Old St', city: 'Reno', country: 'US' },
        addressProblem: 'Unknown street',
      })
      await issue(id, 'ADDRESS_INVALID')
      const { shipment } = await update(id, {
        carrier: 'FedEx',
        service: null,
        trackingNumber: '1Z999AA10123456784',
        originLocation: { city: 'Austin', country: 'US' },
        destination: { street: '2 New St', city: 'Reno', country: 'US' },
      })
      expect(shipment).toMatchObject({
        carrier: 'FedEx',
        service: null,
        trackingNumber: '1Z999AA10123456784',
        origin: 'Austin, US',
        originLocation: { city: 'Austin' },
        destination: { street: '2 New St' },
        hasAddressProblem: false,
        addressProblem: null,
      })
      await without(id, 'ADDRESS_INVALID')
      const [{ payload }] = (await world.sql(
        `select payload from log.event where type = 'ShipmentMetadataUpdated' and stream_id = $1`,
        [id],
      )) as [Json]
      expect(payload).toEqual({
        before: {
          carrier: 'UPS',
          service: 'Ground',
          trackingNumber: '1Z999AA10123456700',
          originLocation: null,
          hasAddressProblem: true,
        },
        after: {
          carrier: 'FedEx',
          service: null,
          trackingNumber: '1Z999AA10123456784',
          originLocation: { city: 'Austin', country: 'US' },
          hasAddressProblem: false,
        },
      })
      const { omnibox } = await people.sam.ask(
        '{ omnibox(query: "1Z999AA10123456784") { nodes { node { id } } } }',
      )
      expect(omnibox.nodes.map(({ node }: Json) => node.id)).toContain(id)
    })

    test('refused: a stale version, nothing new, no such parcel, control characters', async () => {
      const id = await parcel('h', { carrier: 'UPS' })
      expect((await update(id, { carrier: 'UPS' })).userErrors).toMatchObject([
        { code: 'INVALID', field: 'patch' },
      ])
      expect((await update(id, { carrier: 'DHL' }, { expectedVersion: 7 })).userErrors).toMatchObject([
        { code: 'CONFLICT', facts: { version: 1 } },
      ])
      expect((await update(id, { carrier: 'DHL' }, { expectedVersion: 1 })).userErrors).toEqual([])
      expect((await update('shp_nothing', { carrier: 'DHL' })).userErrors).toMatchObject([
        { code: 'NOT_FOUND' },
      ])
      expect((await update(id, { carrier: 'D\u0000L' })).userErrors).toMatchObject([
        { code: 'INVALID', field: 'patch.carrier' },
      ])
      expect((await update(id, { parcel: { weightGrams: 0 } })).userErrors).toMatchObject([
        { code: 'NOT_POSITIVE' },
      ])
    })

    test('an address can be reported as wrong by a person, and said to be right', async () => {
      const id = await parcel('i')
      await update(id, { addressProblem: 'The buyer moved.' })
      expect(await look(id, 'addressProblem')).toEqual({ addressProblem: 'The buyer moved.' })
      await issue(id, 'ADDRESS_INVALID')
      await update(id, { addressProblem: null })
      await without(id, 'ADDRESS_INVALID')
    })
  })

  describe('issues', () => {
    test('tracking goes stale after the days of the policy, each scan sets the time anew, and a scan ends it', async () => {
      const scan = (at: Date, more: Json = {}) =>
        record('j', { status: 'IN_TRANSIT', trackingNumber: '1Z999AA10123456784', lastScanAt: at, ...more })
      const id = await parcel('j', { status: 'IN_TRANSIT', lastScanAt: new Date(world.now.getTime() - DAY) })
      world.advance(3 * DAY)
      await scan(world.now)
      world.advance(2.5 * DAY)
      await new Promise(resolve => setTimeout(resolve, 2_500))
      expect((await look(id, ISSUES)).issues).toEqual([])
      world.advance(2.6 * DAY)
      const stale = await issue(id, 'TRACKING_STALE')
      expect(stale).toMatchObject({
        state: 'OPEN',
        occurrences: 1,
        evidence: { staleDays: 5, status: 'IN_TRANSIT', trackingNumber: '1Z999AA10123456784' },
      })
      expect(stale.suggestedActions.map(({ action }: Json) => action)).toContain('confirmCarrierStatus')
      await scan(world.now)
      await without(id, 'TRACKING_STALE')
      world.advance(5.1 * DAY)
      expect(await issue(id, 'TRACKING_STALE')).toMatchObject({ occurrences: 2 })
      await scan(world.now, { status: 'DELIVERED' })
      await without(id, 'TRACKING_STALE')
    })

    test('nothing goes stale that was not handed over, or came back', async () => {
      const ids = await Promise.all([
        parcel('k1', { status: 'LABEL_CREATED' }),
        parcel('k2', { status: 'RETURNED' }),
        parcel('k3', { status: 'IN_TRANSIT' }),
      ])
      await record('k3', { status: 'DELIVERED' })
      world.advance(20 * DAY)
      await new Promise(resolve => setTimeout(resolve, 2_500))
      for (const id of ids) expect((await look(id, ISSUES)).issues).toEqual([])
    })

    test('a kill -9 while the timer runs loses nothing, and detects it once', async () => {
      const id = await parcel('l', { status: 'IN_TRANSIT', lastScanAt: world.now })
      await until(async () => {
        const [{ n }] = (await world.sql(
          `select count(*)::int as n from log.reaction_job j join log.event e on e.id = j.event_id
           where reaction = 'watchTracking' and e.stream_id = $1`,
          [id],
        )) as [{ n: number }]
        return n
      })
      await world.kill()
      world.advance(6 * DAY)
      await world.start()
      await issue(id, 'TRACKING_STALE')
      const events = await world.sql(
        `select type from log.event where stream_id = $1 and type = 'ShipmentIssueDetected'`,
        [id],
      )
      expect(events).toHaveLength(1)
    })

    test('delivered, and a claim says that it never came: an issue until the claim is decided', async () => {
      const id = await parcel('m', { status: 'DELIVERED', deliveredAt: '2026-04-23T10:00:00Z' })
      const opened = await people.sam.act(
        'openClaim',
        { orderId: idOf('ord', 'm'), kind: 'NOT_RECEIVED', summary: 'It never came.' },
        'claim { id }',
      )
      expect(opened.userErrors).toEqual([])
      const claimId = opened.claim.id
      expect(await issue(id, 'DELIVERED_NOT_RECEIVED')).toMatchObject({
        evidence: { reports: [claimId], deliveredAt: '2026-04-23T10:00:00.000Z' },
      })
      const resolved = await people.lea.act('resolveClaim', {
        claimId,
        outcome: 'WITHDRAWN',
        statement: 'It was at the neighbours.',
        reason: 'BUYER_WITHDREW',
        ...key(),
      })
      expect(resolved.userErrors).toEqual([])
      await without(id, 'DELIVERED_NOT_RECEIVED')
    })

    test('a not-received case makes it an issue as well', async () => {
      const id = await parcel('m2', { status: 'DELIVERED', carrierStatus: 'Delivered, Front Door/Porch' })
      const { userErrors } = await people.sam.act('startNotReceivedCase', {
        orderId: idOf('ord', 'm2'),
        shipmentId: id,
        ...key(),
      })
      expect(userErrors).toEqual([])
      const { evidence } = await issue(id, 'DELIVERED_NOT_RECEIVED')
      expect(evidence).toMatchObject({ carrierStatus: 'Delivered, Front Door/Porch' })
      expect(evidence.reports[0]).toMatch(/^wfl_/)
      await until(async () => (await look(id, 'carrierStatusHistory { status }')).carrierStatusHistory.length)
    })

    test('reported first, delivered later; a person may report and settle', async () => {
      const id = await parcel('n', { status: 'OUT_FOR_DELIVERY' })
      await people.sam.act('reportNotReceived', { shipmentId: id })
      expect((await people.sam.act('reportNotReceived', { shipmentId: id })).userErrors).toMatchObject([
        { code: 'ALREADY_EXISTS' },
      ])
      await record('n', { status: 'DELIVERED' })
      await issue(id, 'DELIVERED_NOT_RECEIVED')
      await people.lea.act('settleNotReceived', { shipmentId: id, because: 'It was in the garage.' })
      await without(id, 'DELIVERED_NOT_RECEIVED')
      expect(
        (await people.sam.act('settleNotReceived', { shipmentId: id, because: 'Again' })).userErrors,
      ).toMatchObject([{ code: 'INVALID_STATE' }])
      const forged = await people.sam.act('reportNotReceived', { shipmentId: id, about: 'clm_1' })
      expect(forged.userErrors).toMatchObject([{ code: 'INVALID', field: 'about' }])
    })

    test('the worklist: by kind, state, order and shipment; everybody on the staff reads it', async () => {
      const id = await parcel('o', { labelStatus: 'FAILED', addressProblem: 'No such street' })
      await issue(id, 'ADDRESS_INVALID')
      await issue(id, 'LABEL_PURCHASE_FAILED')
      const list = async (filter: string, who = people.aldo) =>
        (
          await who.ask(
            `{ shipmentIssues(filter: ${filter}) { totalCount nodes { kind state shipment { id } order { id } } } }`,
          )
        ).shipmentIssues
      expect(await list(`{ shipmentId: "${id}" }`)).toMatchObject({ totalCount: 2 })
      expect(await list(`{ orderId: "${idOf('ord', 'o')}", kind: ADDRESS_INVALID, state: OPEN }`)).toEqual({
        totalCount: 1,
        nodes: [
          { kind: 'ADDRESS_INVALID', state: 'OPEN', shipment: { id }, order: { id: idOf('ord', 'o') } },
        ],
      })
      const all = await list('{ state: OPEN, kind: LABEL_PURCHASE_FAILED }', people.cato)
      expect(
        all.nodes.every(({ kind, state }: Json) => kind === 'LABEL_PURCHASE_FAILED' && state === 'OPEN'),
      ).toBe(true)
      const { shipments } = await people.rita.ask(
        `{ shipments(filter: { status: PENDING, issue: ADDRESS_INVALID, orderId: "${idOf('ord', 'o')}" }) { nodes { id } } }`,
      )
      expect(shipments.nodes).toEqual([{ id }])
    })

    test('only Opsgraph itself detects and clears', async () => {
      const { errors } = await people.ada.send(
        `mutation { detectShipmentIssue(input: { shipmentId: "${idOf('shp', 'o')}", kind: TRACKING_STALE, evidence: {} }) { events { id } } }`,
      )
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    })
  })

  test('asking where it is answers with what was last recorded, as evidence', async () => {
    const id = await parcel('p', {
      status: 'IN_TRANSIT',
      carrier: 'DHL',
      carrierStatus: 'transit',
      lastScanAt: '2026-04-20T10:00:00Z',
    })
    const asked = await people.sam.act('confirmCarrierStatus', { shipmentId: id })
    expect(asked.events).toMatchObject([{ type: 'CarrierStatusRequested' }])
    const [check] = await until(async () => {
      const { carrierStatusHistory } = await look(
        id,
        'carrierStatusHistory { at carrier status carrierStatus lastScanAt evidence }',
      )
      return carrierStatusHistory.length && carrierStatusHistory
    })
    expect(check).toMatchObject({
      carrier: 'DHL',
      status: 'IN_TRANSIT',
      carrierStatus: 'transit',
      lastScanAt: '2026-04-20T10:00:00.000Z',
      evidence: { from: 'what was last recorded' },
    })
    const forged = await people.sam.act('confirmCarrierStatus', { shipmentId: id, workflowId: 'wfl_1' })
    expect(forged.userErrors).toMatchObject([{ code: 'INVALID', field: 'workflowId' }])
  })

  describe('investigations', () => {
    const FIELDS = `investigation { id state outcome overdue dueAt createdAt summary startedBy { id } concludedBy { id }
      steps { name state finding doneById doneAt } }`
    const start = (shipmentId: string, who = people.sam) =>
      who.act('startShipmentInvestigation', { shipmentId, reason: 'NOT_RECEIVED' }, FIELDS)
    const step = (investigationId: string, name: string, more: Json = {}) =>
      people.lea.act(
        'completeInvestigationStep',
        { investigationId, step: name, finding: `${name}: nothing.`, ...more },
        FIELDS,
      )
    const conclude = (investigationId: string, more: Json = {}) =>
      people.lea.act('concludeShipmentInvestigation', { investigationId, outcome: 'LOST', ...more }, FIELDS)

    test('steps, a due date in business hours, an outcome; one at a time', async () => {
      const id = await parcel('q', { status: 'IN_TRANSIT' })
      const { investigation } = await start(id)
      expect(investigation).toMatchObject({
        state: 'OPEN',
        overdue: false,
        outcome: null,
        startedBy: { id: people.sam.id },
      })
      expect(investigation.steps.map(({ name, state }: Json) => `${name} ${state}`)).toEqual([
        'ASK_CARRIER OPEN',
        'CHECK_ADDRESS OPEN',
        'CHECK_DELIVERY_PROOF OPEN',
        'ASK_BUYER OPEN',
        'ASK_SELLER OPEN',
      ])
      const hours = (Date.parse(investigation.dueAt) - Date.parse(investigation.createdAt)) / HOUR
      expect(hours).toBeGreaterThanOrEqual(71.9)
      expect(new Date(investigation.dueAt).getUTCDay() % 6).not.toBe(0)
      expect((await start(id, people.lea)).userErrors).toMatchObject([
        { code: 'ALREADY_EXISTS', facts: { investigationId: investigation.id } },
      ])

      const early = await conclude(investigation.id)
      expect(early.userErrors).toMatchObject([{ code: 'INVALID_STATE', facts: { open: expect.any(Array) } }])
      const done = await step(investigation.id, 'ASK_CARRIER')
      expect(done.investigation.steps[0]).toMatchObject({
        state: 'DONE',
        finding: 'ASK_CARRIER: nothing.',
        doneById: people.lea.id,
        doneAt: expect.any(String),
      })
      expect((await step(investigation.id, 'ASK_CARRIER')).userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: 'step' },
      ])
      for (const name of ['CHECK_ADDRESS', 'CHECK_DELIVERY_PROOF', 'ASK_BUYER'])
        await step(investigation.id, name)
      await step(investigation.id, 'ASK_SELLER', { skipped: true })
      const end = await conclude(investigation.id, { outcome: 'REFUND_RECOMMENDED', summary: 'Gone.' })
      expect(end.investigation).toMatchObject({
        state: 'CONCLUDED',
        outcome: 'REFUND_RECOMMENDED',
        summary: 'Gone.',
        concludedBy: { id: people.lea.id },
      })
      expect((await conclude(investigation.id)).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
      expect((await step('inv_nothing', 'ASK_BUYER')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
      expect((await start(id)).userErrors).toEqual([])
    })

    test('two who begin at once: one begins', async () => {
      const id = await parcel('r')
      const all = await Promise.all([start(id), start(id, people.lea), start(id, people.ada)])
      expect(all.flatMap(({ userErrors }) => userErrors.map((one: Json) => one.code))).toEqual([
        'ALREADY_EXISTS',
        'ALREADY_EXISTS',
      ])
    })

    test('what is overdue is found, from the list, the order and the parcel', async () => {
      const id = await parcel('s')
      const { investigation } = await start(id)
      const list = async (filter: string) =>
        (await people.aldo.ask(`{ shipmentInvestigations(filter: ${filter}) { nodes { id } } }`))
          .shipmentInvestigations.nodes
      const mine = { id: investigation.id }
      expect(await list(`{ shipmentId: "${id}", overdue: true }`)).toEqual([])
      expect(await list(`{ shipmentId: "${id}", overdue: false }`)).toEqual([mine])
      world.advance(8 * DAY)
      expect(await list(`{ shipmentId: "${id}", overdue: true, state: OPEN }`)).toEqual([mine])
      const { order } = await people.aldo.ask(
        `query ($id: ID!) { order(id: $id) { investigations { nodes { id overdue } } shipments { nodes { investigations { nodes { id } } } } } }`,
        { id: idOf('ord', 's') },
      )
      expect(order).toEqual({
        investigations: { nodes: [{ ...mine, overdue: true }] },
        shipments: { nodes: [{ investigations: { nodes: [mine] } }] },
      })
    })

    test('nobody else may begin one', async () => {
      for (const who of [people.fay, people.cato, people.aldo]) {
        const { errors } = await who.send(
          `mutation { startShipmentInvestigation(input: { shipmentId: "${idOf('shp', 's')}", reason: DAMAGED }) { events { id } } }`,
        )
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
      }
    })
  })

  test('rows are what their events say: replayed from the log, every state is the one that stands', async () => {
    const { shipment } = await import('#subgraphs/orders/shipment.js')
    const { replay } = await import('#shared/aggregate.js')
    // The clock was moved by weeks: what fell due by that comes to its end first.
    await until(
      async () =>
        (
          await world.sql(`select from log.reaction_job where state = 'PENDING' and due_at <= $1`, [
            world.now,
          ])
        ).length === 0,
    )
    const rows = await world.sql('select id, state from orders.shipment')
    expect(rows.length).toBeGreaterThan(15)
    for (const { id, state } of rows) {
      const events = await world.sql(
        `select e.type, e.payload || coalesce(b.body -> 'personal', '{}') as data, e.at as "occurredAt"
         from log.event e left join log.event_private b on b.event_id = e.id
         where e.stream_id = $1 and e.stream_type = 'Shipment' order by e.version`,
        [id],
      )
      const stream = { type: 'Shipment', id }
      expect({
        id,
        state: JSON.parse(
          JSON.stringify(replay(shipment, events.map(e => ({ ...e, stream, actor: null })) as never)),
        ),
      }).toEqual({ id, state })
    }
    const dead = await world.sql(`select reaction, last_error from log.reaction_job where state = 'DEAD'`)
    expect(dead).toEqual([])
  })
})
