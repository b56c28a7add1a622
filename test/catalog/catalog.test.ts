import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { externalId } from '#shared/id.js'
import { ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import catalog from '#subgraphs/catalog/index.js'
import { codes, Office } from '../accounts/office.js'

let office: Office
const idOf = (prefix: string, external: string) => externalId(prefix, 'shop', external)
const usd = (amount: number) => ({ amount, currency: 'USD' })
const listing = (external: string, more = {}) => ({
  source: 'shop',
  externalId: external,
  title: `Lamp ${external}`,
  organization: 'seller',
  price: usd(20_00),
  createdAt: new Date('2026-04-01T10:00:00Z'),
  ...more,
})
const bid = (external: string, of: string, more = {}) => ({
  source: 'shop',
  externalId: external,
  listing: of,
  bidder: 'buyer',
  amount: usd(21_00),
  placedAt: new Date('2026-04-02T10:00:00Z'),
  ...more,
})
const item = { externalId: 'lamp', title: 'Desk lamp', brand: 'Lumen', category: 'Lighting' }

beforeAll(async () => {
  office = await Office.open('catalog', [catalog])
  await ensureStaff(office.services)
})
afterAll(() => office?.close())

const ask = async (who: string, source: string) => office.ask(await office.identity(who), source)

describe('records (E29)', () => {
  test('listings come with the item they offer, once', async () => {
    const batch = [listing('l1', { catalogItem: item, quantity: 3 }), listing('l2', { status: 'DRAFT' })]
    expect(await office.record('listings', batch)).toMatchObject({ created: 2, problems: [] })
    expect(await office.record('listings', batch)).toMatchObject({ unchanged: 2 })
    expect(
      await office.record('listings', [listing('l1', { catalogItem: item, status: 'SOLD', quantity: 0 })]),
    ).toMatchObject({ updated: 1 })
    const { data, errors } = await ask(
      'stf_cato',
      `{ listing(id: "${idOf('lst', 'l1')}") { title status quantity listedAt price { formatted } organization { id } catalogItem { title brand status listings { totalCount } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.listing).toEqual({
      title: 'Lamp l1',
      status: 'SOLD',
      quantity: 0,
      listedAt: '2026-04-01T10:00:00.000Z',
      price: { formatted: '$20.00' },
      organization: { id: idOf('org', 'seller') },
      catalogItem: { title: 'Desk lamp', brand: 'Lumen', status: 'ACTIVE', listings: { totalCount: 1 } },
    })
    const found = await office.db.query(
      `select entity_type, kind from search.identifier where norm = 'l1' or norm = 'desk lamp'`,
    )
    expect(found).toEqual(
      expect.arrayContaining([
        { entity_type: 'Listing', kind: 'EXTERNAL_ID' },
        { entity_type: 'CatalogItem', kind: 'NAME' },
      ]),
    )
  })

  test('bids need their listing, and more than nothing', async () => {
    await office.record('listings', [listing('l3')])
    const result = await office.record('bids', [
      bid('b1', 'l3'),
      bid('b2', 'unknown'),
      bid('b3', 'l3', { amount: usd(0) }),
      bid('b4', 'l3', { bidder: 'other' }),
    ])
    expect(result).toMatchObject({ created: 2 })
    expect(result.problems.map(({ externalId, field }) => `${externalId} ${field}`).sort()).toEqual([
      'b2 listing',
      'b3 amount',
    ])
    const { data } = await ask(
      'stf_sam',
      `{ listing(id: "${idOf('lst', 'l3')}") { bids { totalCount nodes { amount { amount } bidder { id } } } } bid(id: "${idOf('bid', 'b1')}") { status listing { title } } }`,
    )
    expect(data.listing.bids).toMatchObject({ totalCount: 2 })
    expect(data.bid).toEqual({ status: 'ACTIVE', listing: { title: 'Lamp l3' } })
  })

  test('what belongs to sellers and bidders hangs on them, for those who may read it', async () => {
    const of = (type: string, id: string, field: string) =>
      `{ _entities(representations: [{ __typename: "${type}", id: "${id}" }]) { ... on ${type} { ${field} { totalCount } } } }`
    const seller = await ask('stf_sam', of('Organization', idOf('org', 'seller'), 'listings'))
    expect(seller.data._entities[0].listings.totalCount).toBe(3)
    const bidder = await ask('stf_sam', of('User', idOf('usr', 'buyer'), 'bids'))
    expect(bidder.data._entities[0].bids.totalCount).toBe(1)
    const requester = { ...(await office.identity('stf_sam')), kind: 'REQUESTER' as const, roles: [] }
    expect((await office.ask(requester, of('User', idOf('usr', 'buyer'), 'bids'))).data._entities[0]).toEqual(
      { bids: null },
    )
    const lists = await ask(
      'svc_shop',
      `{ listings(filter: { status: DRAFT }) { nodes { title } } catalogItems { totalCount } }`,
    )
    expect(lists).toEqual({
      data: { listings: { nodes: [{ title: 'Lamp l2' }] }, catalogItems: { totalCount: 1 } },
    })
  })
})

describe('deprecating items (E21)', () => {
  const deprecate = (who: string, external: string, replacement?: string) =>
    office.act(who, 'deprecateCatalogItem', {
      catalogItemId: idOf('cit', external),
      replacementId: replacement && idOf('cit', replacement),
      reason: 'DISCONTINUED',
    })

  test('names what stands in, survives the next record, and can be undone', async () => {
    const items = ['old', 'new', 'dead'].map(name =>
      listing(`of-${name}`, { catalogItem: { ...item, externalId: name } }),
    )
    await office.record('listings', items)
    const { rows } = await deprecate('stf_cato', 'old', 'new')
    expect(rows.catalogItem).toMatchObject({ status: 'DEPRECATED', replacementId: idOf('cit', 'new') })
    await office.record('listings', [
      listing('of-old', { catalogItem: { ...item, externalId: 'old', title: 'Renamed' } }),
    ])
    const { data } = await ask(
      'stf_sam',
      `{ catalogItem(id: "${idOf('cit', 'old')}") { title status replacement { title } } }`,
    )
    expect(data.catalogItem).toEqual({
      title: 'Renamed',
      status: 'DEPRECATED',
      replacement: { title: 'Desk lamp' },
    })
    const again = await office.act('stf_cato', 'reactivateCatalogItem', {
      catalogItemId: idOf('cit', 'old'),
      reason: 'MISTAKE',
    })
    expect(again.rows.catalogItem).toMatchObject({ status: 'ACTIVE', replacementId: null })
  })

  test('is refused where it makes no sense, and to everybody but Catalog Admins', async () => {
    expect(codes(await deprecate('stf_cato', 'nothing'))).toEqual(['NOT_FOUND'])
    expect(codes(await deprecate('stf_cato', 'new', 'new'))).toEqual(['INVALID'])
    expect(codes(await deprecate('stf_cato', 'new', 'nothing'))).toEqual(['NOT_FOUND'])
    expect(codes(await deprecate('stf_cato', 'dead'))).toEqual([])
    expect(codes(await deprecate('stf_cato', 'new', 'dead'))).toEqual(['INVALID_STATE'])
    expect(codes(await deprecate('stf_cato', 'dead'))).toEqual(['INVALID_STATE'])
    await expect(deprecate('stf_ada', 'new')).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })
})
