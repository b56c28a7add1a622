import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { buildSchema, parse, validate } from 'graphql'
import { ROOT } from '#shared/root.js'
import { writeDemo } from '../../cli/demo/write.js'
import { coerce } from '../../cli/import/coerce.js'
import { Folder, kinds } from './desk.js'

const folders = [new Folder(), new Folder()] as const
afterAll(() => {
  for (const folder of folders) folder.clear()
})

const linesOf = (folder: string, name: string) =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('the demo marketplace', () => {
  test('is the same for the same seed, and has as many orders as asked for', async () => {
    const [one, other] = folders
    await writeDemo({ orders: 800, seed: 7, folder: one.path })
    await writeDemo({ orders: 800, seed: 7, folder: other.path })
    for (const file of readdirSync(one.path))
      expect(readFileSync(join(other.path, file))).toEqual(readFileSync(join(one.path, file)))
    expect(linesOf(one.path, 'checkouts.ndjson').flatMap(({ orders }) => orders)).toHaveLength(800)
    await writeDemo({ orders: 800, seed: 8, folder: other.path })
    expect(linesOf(other.path, 'users.ndjson')[0]).not.toEqual(linesOf(one.path, 'users.ndjson')[0])
  })

  test('says what the schema takes, of things that are there', () => {
    const { path } = folders[0]
    for (const kind of kinds.filter(({ name }) => readdirSync(path).includes(`${name}.ndjson`)))
      for (const line of linesOf(path, `${kind.name}.ndjson`))
        expect(coerce({ source: 'shop', ...line }, kind.type)).not.toHaveProperty('problems')
    const ids = (name: string) => new Set(linesOf(path, `${name}.ndjson`).map(({ externalId }) => externalId))
    const [users, sellers, listings] = [ids('users'), ids('organizations'), ids('listings')]
    for (const { buyer, orders } of linesOf(path, 'checkouts.ndjson')) {
      expect(users).toContain(buyer)
      for (const { seller, lines } of orders) {
        expect(sellers).toContain(seller)
        for (const { listing } of lines) expect(listings).toContain(listing)
      }
    }
    for (const name of [
      'users',
      'organizations',
      'listings',
      'bids',
      'checkouts',
      'shipments',
      'disputes',
      'payouts',
    ])
      expect(ids(name).size).toBe(linesOf(path, `${name}.ndjson`).length)
  })

  test('what is paid is what was ordered', () => {
    for (const { orders, payment } of linesOf(folders[0].path, 'checkouts.ndjson')) {
      const sums = orders.flatMap(
        ({
          lines,
          shipping,
          tax,
        }: {
          lines: { quantity: number; unitPrice: { amount: number } }[]
          shipping: { amount: number }
          tax: { amount: number }
        }) => [
          shipping.amount,
          tax.amount,
          ...lines.map(({ quantity, unitPrice }) => quantity * unitPrice.amount),
        ],
      )
      expect(sums.reduce((sum: number, amount: number) => sum + amount, 0)).toBe(payment.amount.amount)
    }
  })

  test('examples/marketplace is the set of 60 orders, with what was added by hand beside it', async () => {
    const folder = new Folder()
    try {
      await writeDemo({ orders: 60, seed: 1, folder: folder.path })
      for (const file of readdirSync(folder.path))
        expect(readFileSync(join(ROOT, 'examples/marketplace', file), 'utf8')).toBe(
          readFileSync(join(folder.path, file), 'utf8'),
        )
    } finally {
      folder.clear()
    }
  })
})

describe('example queries', () => {
  const schema = buildSchema(readFileSync(join(ROOT, 'schema/api.graphql'), 'utf8'), { assumeValid: true })
  const folder = join(ROOT, 'examples/queries')
  test.each(readdirSync(folder).filter(file => file.endsWith('.graphql')))('%s fits the schema', file => {
    expect(
      validate(schema, parse(readFileSync(join(folder, file), 'utf8'))).map(({ message }) => message),
    ).toEqual([])
  })
})
