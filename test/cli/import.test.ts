import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Services } from '#shared/services.js'
import { Importer } from '../../cli/import/importer.js'
import { loadDemo } from '../../cli/load-demo.js'
import { Desk, Folder } from './desk.js'

let desk: Desk
const folder = new Folder()
beforeAll(async () => {
  desk = await Desk.open('import')
})
afterAll(async () => {
  await desk?.close()
  folder.clear()
})

const order = (id: string, more = {}) => ({
  externalId: `c-${id}`,
  placedAt: '2026-04-01T10:00:00Z',
  orders: [{ externalId: id, lines: [{ title: 'Lamp', unitPrice: { amount: 1000, currency: 'USD' } }] }],
  ...more,
})
const ndjson = (records: readonly object[]) => records.map(record => `${JSON.stringify(record)}\n`).join('')
const payouts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({
    externalId: String(from + i),
    organization: 'o',
    amount: { amount: 5, currency: 'USD' },
  }))

describe('an import', () => {
  test('reports each bad row by line, field and reason, and takes the rest in', async () => {
    const path = folder.write(
      'checkouts-bad.ndjson',
      `${ndjson([order('b1'), order('b2', { placedAt: undefined }), order('b3', { orders: [] }), order('b4', { color: 'red' })])}nonsense\n${ndjson([order('b5')])}`,
    )
    const outcome = await desk.import(path)
    expect(outcome).toMatchObject({ created: 2, updated: 0, unchanged: 0, rejected: 4 })
    expect(outcome.complaints).toContain('2: c-b2: placedAt is missing')
    expect(outcome.complaints).toContain('3: c-b3: orders must hold at least one order')
    expect(outcome.complaints).toContain('4: c-b4: color is not a field.')
    expect(
      outcome.complaints.some(line => line.startsWith('5: : ') && line.includes('the line is not JSON')),
    ).toBe(true)
  })

  test('the line of a bad cell is named, also inside a record of several rows', async () => {
    const path = folder.write(
      'checkouts-cells.csv',
      'externalId,placedAt,currency,orders.externalId,orders.lines.title,orders.lines.quantity,orders.lines.unitPrice\n' +
        'k1,2026-04-01,USD,ko1,Lamp,1,10\nk1,,USD,ko1,Vase,-2,10\nk1,,EUR,ko1,Rug,1,10\n',
    )
    const { complaints } = await desk.import(path)
    expect(complaints).toEqual(['3: k1: orders.0.lines.1.quantity must not be negative'])
  })

  test('again is no change; another word is', async () => {
    const path = folder.write('users-again.csv', 'externalId,name\n1,Ada\n2,Ben\n')
    expect(await desk.import(path)).toMatchObject({ created: 2 })
    folder.write('users-again.csv', 'externalId,name\n1,Ada\n2,Benjamin\n3,Cy\n')
    expect(await desk.import(path)).toMatchObject({ created: 1, updated: 1, unchanged: 1, resumed: null })
  })

  test('a finished file is passed over; one with rejections is tried again', async () => {
    const good = folder.write('users-done.csv', 'externalId,name\n11,Ada\n')
    await desk.import(good)
    expect(await desk.import(good)).toMatchObject({ created: 0, unchanged: 0, resumed: 'done' })

    const early = folder.write('shipments-early.csv', 'externalId,order\nse1,late-1\n')
    expect((await desk.import(early)).complaints).toEqual([
      '2: se1: order refers to an Order that was never recorded',
    ])
    await desk.import(folder.write('checkouts-late.ndjson', ndjson([order('late-1')])))
    expect(await desk.import(early)).toMatchObject({ created: 1, rejected: 0 })
  })

  test('goes on behind the last committed batch', async () => {
    const path = folder.write('payouts-resume.ndjson', ndjson(payouts(0, 1200)))
    const before = await desk.count('orders.payout')
    const failing = stopsAfter(desk.services, 2)
    const importer = new Importer({ services: failing, source: 'shop', patience: 0 })
    await expect(desk.import(path, { importer })).rejects.toThrow('it goes on where it stopped')
    expect(await desk.count('orders.payout')).toBe(before + 1000)

    expect(await desk.import(path)).toMatchObject({ created: 200, unchanged: 0, resumed: 1000 })
    expect(await desk.count('orders.payout')).toBe(before + 1200)
  })

  test('a database that is away for a moment costs nothing', async () => {
    const path = folder.write('payouts-blink.ndjson', ndjson(payouts(5000, 5600)))
    const importer = new Importer({
      services: stopsAfter(desk.services, 1, 1),
      source: 'shop',
      patience: 10_000,
    })
    expect(await desk.import(path, { importer })).toMatchObject({ created: 600, rejected: 0 })
  })

  test('one record that the database will not have spoils no other', async () => {
    const path = folder.write('payouts-poison.ndjson', ndjson(payouts(7000, 7040)))
    const importer = new Importer({ services: refuses(desk.services, '7013'), source: 'shop' })
    const { created, complaints } = await desk.import(path, { importer })
    expect(created).toBe(39)
    expect(complaints).toEqual(['14: 7013:  could not be stored: no room for 7013'])
  })

  test('a dry run writes nothing, and later files may refer to what earlier ones would have made', async () => {
    const events = await desk.count('log.event')
    const importer = new Importer({ services: desk.services, source: 'shop', dryRun: true })
    const checkouts = folder.write('checkouts-dry.ndjson', ndjson([order('dry-1')]))
    const shipments = folder.write('shipments-dry.csv', 'externalId,order\nd1,dry-1\nd2,dry-2\n')
    expect(await desk.import(checkouts, { dryRun: true, importer })).toMatchObject({
      created: 1,
      rejected: 0,
    })
    expect(await desk.import(shipments, { dryRun: true, importer })).toMatchObject({
      created: 1,
      rejected: 1,
    })
    expect(await desk.count('log.event')).toBe(events)
    expect((await desk.import(checkouts)).resumed).toBeNull()
  })

  test('what comes before an unreadable end of a file is taken in', async () => {
    const path = folder.write('users-open.csv', 'externalId,name\n21,Ada\n22,"Ben\n23,Cy\n')
    expect(await desk.import(path)).toMatchObject({
      created: 1,
      rejected: 1,
      complaints: ['3: :  a quote is opened in this row and never closed: nothing from here on was read'],
    })
    const torn = folder.write('checkouts-torn.csv', 'externalId,orders.externalId\nt1,o1\nt1,"o2\n')
    expect((await desk.import(torn)).complaints[0]).toBe(
      '2: t1:  the record may go on where the file could not be read',
    )
  })
})

test('the examples fit the schema, and loading them twice changes nothing', async () => {
  const said: string[] = []
  await loadDemo(desk.services, desk.subgraphs, line => said.push(line))
  expect(said).toEqual([expect.stringMatching(/^Loaded \d{3} example records/)])
  const events = await desk.count('log.event')
  await loadDemo(desk.services, desk.subgraphs, line => said.push(line))
  expect(said).toHaveLength(1)
  expect(await desk.count('log.event')).toBe(events)
})

/** The same services, whose database goes away after some transactions, for that many (or for ever). */
function stopsAfter(services: Services, transactions: number, failures = Number.POSITIVE_INFINITY): Services {
  let left = transactions
  let failing = failures
  return withTransaction(services, run => {
    if (left-- > 0 || failing-- <= 0) return run()
    throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' })
  })
}

/** The same services, whose database refuses a batch that holds a text. */
function refuses(services: Services, text: string): Services {
  const { store } = services
  const picky: typeof store = Object.create(store)
  picky.append = (...args: Parameters<typeof store.append>) => {
    if (JSON.stringify(args[1]).includes(`"${text}"`)) throw new Error(`no room for ${text}`)
    return store.append(...args)
  }
  return { ...services, store: picky }
}

/** The same services, with something around each transaction. */
function withTransaction(
  services: Services,
  around: (run: () => Promise<unknown>) => Promise<unknown>,
): Services {
  const { db } = services
  const other: typeof db = Object.create(db)
  const transaction = db.transaction.bind(db) as (...args: unknown[]) => Promise<unknown>
  other.transaction = (async (...args: unknown[]) =>
    around(() => transaction(...args))) as typeof db.transaction
  return { ...services, db: other }
}
