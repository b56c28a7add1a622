import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { paidOrder, usd, World } from '../kit/world.js'

/** E87–E92: what is kept follows from the log, so it can be made anew from it. */
let world: World

beforeAll(async () => {
  world = await World.open('rebuild', { process: 'own' })
  const { fay, shop } = await world.people()
  const orderId = await paidOrder(shop, 'r1', usd(90_00))
  await fay.act('issueRefund', { orderId, amount: usd(30_00), reason: 'GOODWILL', idempotencyKey: 'r1' })
  await world.close()
})
afterAll(() => world?.close())

test('after an upgrade that says so, nothing starts until the rows were folded anew', async () => {
  await world.sql(`update orders."order" set state = '{}', refunded = '{"amount": 0, "currency": "USD"}'`)
  await world.sql(`insert into log.rebuild_wanted values ('orders keep more')`)
  await expect(world.start()).rejects.toThrow(/orders keep more.*npx opsgraph rebuild --replace/)
  expect((await world.command('rebuild')).code).toBe(1)

  const { code, said } = await world.command('rebuild', '--replace')
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('the rows are what the log says') })
  expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  await world.start()
  const { sam } = await world.people()
  const { orders } = await sam.ask('{ orders { nodes { refunded { amount } refunds { nodes { id } } } } }')
  expect(orders.nodes).toEqual([{ refunded: { amount: 30_00 }, refunds: { nodes: [expect.anything()] } }])
})
