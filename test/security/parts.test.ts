import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { paidOrder, until, World } from '../kit/world.js'
import { expectSound, partsOf } from './kit.js'

/** Where processes can be found out about. */
const onLinux = process.platform === 'linux' ? describe : describe.skip

/** Security 2.2, R1: the parts alone, and without one of them. */
onLinux('the parts of a distributed Opsgraph', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let orderId: string

  beforeAll(async () => {
    world = await World.open('security_parts', { topology: 'distributed', process: 'own' })
    people = await world.people()
    orderId = await paidOrder(people.shop, 'parts')
    await people.sam.act('openTicket', { subject: 'Lamp', description: 'Lamp', linkedEntityIds: [orderId] })
  })
  afterAll(() => world?.close())

  test('say the same nothing to everybody but the gateway', async () => {
    const { env } = partsOf(world).get('gateway')!
    const urls = ['ACCOUNTS', 'SUPPORT', 'ORDERS', 'RISK', 'CATALOG', 'AUDIT'].map(
      name => env[`${name}_URL`] as string,
    )
    const queries = [
      '{ _service { sdl } }',
      '{ _entities(representations: [{ __typename: "Ticket", id: "x" }]) { __typename } }',
      '{ __typename }',
    ]
    const headers: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${people.ada.token}` },
      { 'x-internal-identity': 'v1.a.b.c' },
      {
        'x-internal-identity': `v1.1.${Buffer.from('{"iss":"gw"}').toString('base64url')}.${'A'.repeat(43)}`,
      },
      { 'x-user-id': 'stf_ada', 'x-internal-roles': 'SUPER_ADMIN' },
    ]
    const said = new Set<string>()
    for (const url of urls)
      for (const query of queries)
        for (const more of headers) {
          const response = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...more },
            body: JSON.stringify({ query }),
          })
          said.add(`${response.status} ${(await response.text()).replace(/"requestId":"[^"]+"/, '')}`)
        }
    expect([...said]).toEqual([expect.stringMatching(/^401 .*UNAUTHENTICATED/)])
  })

  test('one killed, the others answer: no 5xx, data kept, code and path for what is missing', async () => {
    process.kill(partsOf(world).get('orders')!.pid, 'SIGKILL')
    await until(() => !partsOf(world).has('orders') || null)
    const answer = await people.ada.send(
      `query ($id: ID!) { me { id } orders { totalCount } tickets { totalCount nodes { id } } staffMembers(first: 1) { nodes { id } }
        omnibox(query: "parts") { totalCount nodes { entityType node { ... on Order { status } } } }
        timeline(ids: [$id]) { nodes { type references { id ... on Order { status } } } } }`,
      { id: orderId },
    )
    expectSound(answer)
    expect(answer).toMatchObject({
      status: 200,
      data: {
        me: { id: 'stf_ada' },
        orders: null,
        tickets: { totalCount: 1 },
        staffMembers: { nodes: [{}] },
      },
    })
    expect(answer.errors).toContainEqual(
      expect.objectContaining({
        path: ['orders'],
        extensions: expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE' }),
      }),
    )
    expect(answer.data?.omnibox.nodes).toContainEqual({ entityType: 'ORDER', node: null })
    expect(answer.data?.timeline.nodes).not.toHaveLength(0)

    const both = await people.ada.send(
      `mutation ($id: ID!) { a: grantRole(input: { staffId: "stf_nobody", role: AUDITOR, reason: COVER, dryRun: true }) { userErrors { code } }
        b: cancelOrder(input: { orderId: $id, reason: FRAUD, dryRun: true }) { userErrors { code } } }`,
      { id: orderId },
    )
    expect(both).toMatchObject({ status: 200, data: { a: { userErrors: [{ code: 'NOT_FOUND' }] }, b: null } })
    expect(both.errors).toMatchObject([{ path: ['b'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }])
  })
})
