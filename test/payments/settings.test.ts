import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SECRET_KEY, tell, WEBHOOK_SECRET } from '#kit/stripe.js'
import { paidOrder, until, usd, World } from '#kit/world.js'
import { ConfigError, loadConfig } from '#shared/config.js'
import { sum } from '#shared/money.js'
import { ProviderFailure } from '#subgraphs/orders/providers/provider.js'
import { fromStripe, toStripe } from '#subgraphs/orders/providers/stripe-money.js'

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('settings', () => {
  const stripe = {
    PAYMENT_PROVIDER: 'stripe',
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  }

  test('without any, refunds are recorded only', () => {
    expect(loadConfig({}).payments).toEqual({ provider: 'ledger' })
  })

  test('Stripe wants both secrets, and says where they are', () => {
    expect(problemsOf({ PAYMENT_PROVIDER: 'stripe' })).toEqual([
      expect.stringMatching(/^STRIPE_SECRET_KEY is missing.*Developers, API keys/),
      expect.stringMatching(/^STRIPE_WEBHOOK_SECRET is missing.*\/webhooks\/stripe/),
    ])
    expect(loadConfig(stripe).payments).toMatchObject({ provider: 'stripe', secretKey: SECRET_KEY })
  })

  test('of several processes each wants only its own', () => {
    const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, ...none } = stripe
    expect(problemsOf({ ...none, SUBGRAPH: 'risk' })).toEqual([])
    expect(problemsOf({ ...none, STRIPE_SECRET_KEY, SUBGRAPH: 'orders' })).toEqual([])
    expect(problemsOf({ ...none, STRIPE_WEBHOOK_SECRET, SUBGRAPH: 'orders' })).toHaveLength(1)
  })

  test('what is wrong is named, and a secret never shown', () => {
    const wrong = { ...stripe, STRIPE_SECRET_KEY: 'pk_live_12345', STRIPE_WEBHOOK_SECRET: 'we_98765' }
    const said = problemsOf(wrong).join('\n')
    expect(said).toMatch(/STRIPE_SECRET_KEY has to be .*sk_… or rk_…/)
    expect(said).toMatch(/STRIPE_WEBHOOK_SECRET has to be .*whsec_…/)
    expect(said).not.toMatch(/12345|98765/)
  })

  test.each<[string, boolean]>([
    ['https://proxy.internal:8443', true],
    ['http://127.0.0.1:12111', true],
    ['http://localhost:12111', true],
    ['http://stripe.internal', false],
    ['https://proxy.internal/stripe', false],
    ['ftp://127.0.0.1', false],
    ['api.stripe.com', false],
  ])('%s as Stripe’s address: %s', (STRIPE_API_URL, right) => {
    expect(problemsOf({ ...stripe, STRIPE_API_URL })).toHaveLength(right ? 0 : 1)
  })
})

test.each<[string, number, number]>([
  ['USD', 12_34, 1234],
  ['JPY', 500, 500],
  ['KWD', 12_340, 12_340],
  // Not in whole forints or rupiahs, whatever cash is paid in.
  ['HUF', 500_00, 50_000],
  ['IDR', 500_00, 50_000],
  // Stripe counts these two in hundredths although they have none, and the third in whole units although it has some.
  ['ISK', 500, 50_000],
  ['UGX', 500, 50_000],
  ['MGA', 500_00, 500],
])('%s %d is %d at Stripe', (currency, ours, theirs) => {
  expect(toStripe(sum(ours, currency))).toEqual({ amount: theirs, currency: currency.toLowerCase() })
  expect(fromStripe(theirs, currency.toLowerCase())).toEqual(sum(ours, currency))
})

test('a fraction that Stripe does not have is refused, never rounded', () => {
  expect(() => toStripe(sum(500_50, 'MGA'))).toThrow(ProviderFailure)
})

describe('without Stripe', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open('payments_by_ledger')
  })
  afterAll(() => world.close())

  test('a refund is settled at once, and nobody is asked', async () => {
    const { shop, fay } = await world.people()
    const orderId = await paidOrder(shop, 'plain')
    const { refund } = await fay.act(
      'issueRefund',
      { orderId, amount: usd(10_00), reason: 'GOODWILL', idempotencyKey: 'plain' },
      'refund { id }',
    )
    const read = () =>
      fay.ask(`{ refund(id: "${refund.id}") { status providerRefundId shares { state attempt } } }`)
    await until(async () => (await read()).refund.status === 'SETTLED')
    expect((await read()).refund).toMatchObject({
      providerRefundId: null,
      shares: [{ state: 'SETTLED', attempt: 1 }],
    })
  })

  test('there are no webhooks', async () => {
    const { status, said } = await tell(world, { id: 'evt_1', type: 'refund.updated' })
    expect({ status, said }).toEqual({ status: 404, said: expect.stringContaining('PAYMENT_PROVIDER') })
  })
})
