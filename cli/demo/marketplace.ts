import { exponent, type Sum, sum } from '#shared/money.js'
import { Random } from './random.js'
import {
  CITIES,
  FIRST_NAMES,
  LAST_NAMES,
  MAIL_DOMAINS,
  PLANS,
  plain,
  SHOP_ADJECTIVES,
  SHOP_KINDS,
  SHOP_NOUNS,
  STYLES,
  THINGS,
} from './words.js'

/** One line of a file of the set. */
export type Line = Record<string, unknown>
export type KindName =
  | 'users'
  | 'organizations'
  | 'listings'
  | 'bids'
  | 'checkouts'
  | 'payments'
  | 'shipments'
  | 'disputes'
  | 'payouts'

export interface Sizes {
  users: number
  organizations: number
  listings: number
}

const DAY = 86_400_000
const SPAN_DAYS = 540
/** Sellers by tens: most in dollars, some in euros, the tenth in one of the rest. */
const CURRENCIES = ['USD', 'USD', 'USD', 'EUR', 'USD', 'USD', 'EUR', 'GBP', 'USD', null] as const
const RARE = ['JPY', 'BRL', 'CAD', 'AUD', 'KWD'] as const
const CARRIERS = [
  ['UPS', 40],
  ['USPS', 25],
  ['FedEx', 20],
  ['DHL', 15],
] as const
const REASONS = [
  'fraudulent',
  'product_not_received',
  'product_unacceptable',
  'duplicate',
  'credit_not_processed',
]

const time = (at: number): string => new Date(at).toISOString()

/** What sellers ask in dollars, in other currencies: a rough rate and round numbers. */
const RATES: Record<string, number> = {
  USD: 1,
  EUR: 0.9,
  GBP: 0.8,
  CAD: 1.35,
  AUD: 1.5,
  JPY: 150,
  BRL: 5,
  KWD: 0.3,
}
const priced = (dollars: number, currency: string): Sum =>
  sum(Math.max(1, Math.round(dollars * RATES[currency]! * 10 ** exponent(currency))), currency)

const share = (of: Sum, percent: number): Sum => sum(Math.round((of.amount * percent) / 100), of.currency)

const TRACKING: Record<string, (random: Random) => string> = {
  UPS: random => `1Z${random.text(6, '0123456789ABCDEFGHJKLMNPRSTUVWXYZ')}${random.digits(10)}`,
  USPS: random => `9400${random.digits(18)}`,
  FedEx: random => random.digits(12),
  DHL: random => `JD${random.digits(18)}`,
}

interface Seller {
  at: number
  currency: string
}

/** What a checkout left to be told in other files. */
export interface Told {
  kind: KindName
  line: Line
}

/**
 * A marketplace that follows from a seed: every user, seller and listing can be made from its number alone, so a set of any size needs no
 * memory; only what sellers are still owed is kept.
 */
export class Marketplace {
  readonly sizes: Sizes
  private readonly begin: number
  private orders = 0
  private week = 0
  private readonly owed = new Map<string, { seller: Seller; amount: number }>()

  /**
   * @param seed another one makes another marketplace
   * @param orders how many orders there will be
   * @param until the last day, UTC
   */
  constructor(
    private readonly seed: number,
    private readonly total: number,
    private readonly until: number,
  ) {
    this.begin = until - SPAN_DAYS * DAY
    this.sizes = {
      users: Math.max(10, Math.ceil(total / 3)),
      organizations: Math.max(10, Math.ceil(total / 40)),
      listings: Math.max(30, Math.ceil(total / 3)),
    }
  }

  private random = (...name: (string | number)[]): Random => new Random(this.seed, ...name)

  userId = (at: number): string => this.random('user id', at).uuid()
  organizationId = (at: number): string => this.random('organization id', at).hex(24)
  listingId = (at: number): string => String(4_000_000 + at * 7 + this.random('listing id', at).whole(0, 6))

  private currencyOf = (seller: number): string =>
    CURRENCIES[seller % 10] ?? RARE[Math.floor(seller / 10) % RARE.length]!

  /** A listing's seller is a matter of arithmetic, so that a seller's listings are known without a list. */
  private sellerOfListing = (listing: number): number => listing % this.sizes.organizations

  private nameOf(user: number): string {
    const random = this.random('name', user)
    return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
  }

  user(at: number): Line {
    const random = this.random('user', at)
    const name = this.nameOf(at)
    return {
      externalId: this.userId(at),
      name,
      email: `${plain(name)}${random.chance(0.7) ? random.whole(1, 9999) : ''}@${random.pick(MAIL_DOMAINS)}`,
      ...(random.chance(0.4) && { phone: `+1 202 555 ${random.digits(4)}` }),
      status: random.weighted([
        ['ACTIVE', 96],
        ['SUSPENDED', 2],
        ['CLOSED', 2],
      ]),
      contactPreference: random.weighted([
        ['BOTH', 6],
        ['EMAIL', 3],
        ['IN_APP', 1],
      ]),
      stripeCustomerId: this.customerId(at),
    }
  }

  private customerId = (user: number): string => `cus_${this.random('customer', user).letters(14)}`

  organization(at: number): Line {
    const random = this.random('organization', at)
    const name = `${random.pick(SHOP_ADJECTIVES)} ${random.pick(SHOP_NOUNS)} ${random.pick(SHOP_KINDS)}`
    const slug = `${plain(name).replaceAll('.', '-')}-${at + 1}`
    const members = random.whole(1, 3)
    const first = at * 3
    return {
      externalId: this.organizationId(at),
      name,
      slug,
      plan: random.pick(PLANS),
      billingState: random.weighted([
        ['CURRENT', 90],
        ['TRIAL', 4],
        ['PAST_DUE', 4],
        ['SUSPENDED', 1],
        ['CANCELED', 1],
      ]),
      billingAsOf: time(this.until),
      stripeAccountId: `acct_${random.letters(16)}`,
      sites: [
        {
          externalId: random.hex(24),
          slug,
          name,
          url: `https://${slug}.shops.example`,
          awaitsApproval: random.chance(0.03),
        },
      ],
      members: Array.from({ length: members }, (_, i) => ({
        user: this.userId((first + i) % this.sizes.users),
        role: i === 0 ? 'OWNER' : random.pick(['ADMIN', 'OPERATOR', 'MEMBER']),
        supportAccess: i === 1,
      })),
    }
  }

  private listed(at: number) {
    const random = this.random('listing', at)
    const currency = this.currencyOf(this.sellerOfListing(at))
    const style = random.whole(0, STYLES.length - 1)
    const thing = random.whole(0, THINGS.length - 1)
    const title = `${STYLES[style]} ${THINGS[thing]}`
    const item = {
      externalId: `item-${style * THINGS.length + thing + 1}`,
      title,
      category: SHOP_KINDS[thing % SHOP_KINDS.length],
    }
    return {
      random,
      title,
      item,
      price: priced(
        random.weighted([
          [random.whole(5, 80), 6],
          [random.whole(80, 400), 3],
          [random.whole(400, 4000), 1],
        ]),
        currency,
      ),
    }
  }

  listing(at: number): Line {
    const { random, title, item, price } = this.listed(at)
    return {
      externalId: this.listingId(at),
      title,
      organization: this.organizationId(this.sellerOfListing(at)),
      ...(random.chance(0.7) && { catalogItem: item }),
      price,
      status: random.weighted([
        ['LIVE', 60],
        ['SOLD', 25],
        ['ENDED', 10],
        ['DRAFT', 5],
      ]),
      quantity: random.whole(1, 12),
      createdAt: time(this.begin + random.whole(0, SPAN_DAYS * DAY)),
    }
  }

  /** What was bid on a listing; most are sold at their price. */
  *bids(listing: number): Generator<Line> {
    const random = this.random('bids', listing)
    if (!random.chance(0.15)) return
    const { price } = this.listed(listing)
    const count = random.whole(1, 5)
    const listedAt = Date.parse(this.listing(listing).createdAt as string)
    for (let i = 0; i < count; i++)
      yield {
        externalId: random.uuid(),
        listing: this.listingId(listing),
        bidder: this.userId(random.whole(0, this.sizes.users - 1)),
        amount: share(price, 60 + i * 8),
        status: i < count - 1 ? 'OUTBID' : random.pick(['ACTIVE', 'WON', 'LOST']),
        placedAt: time(listedAt + (i + 1) * 3_600_000 * random.whole(1, 30)),
      }
  }

  /** Everything that is sold, in the order of time: checkouts with what they entail, and each week the payouts. */
  *sales(): Generator<Told> {
    for (let at = 0; this.orders < this.total; at++) {
      const random = this.random('checkout', at)
      const placedAt =
        this.begin + Math.floor((this.orders / this.total) * (SPAN_DAYS - 1) * DAY) + random.whole(0, DAY - 1)
      yield* this.payoutsBefore(placedAt)
      yield* this.checkout(random, placedAt)
    }
    yield* this.payouts(this.until)
  }

  private *checkout(random: Random, placedAt: number): Generator<Told> {
    const buyer = random.whole(0, this.sizes.users - 1)
    const listings = this.basket(random)
    const age = (this.until - placedAt) / DAY
    const state = random.weighted([
      ['DELIVERED', age > 10 ? 88 : 20],
      ['SHIPPED', age > 10 ? 3 : 40],
      ['PAID', age > 10 ? 2 : 35],
      ['CANCELED', 4],
      ['PLACED', 3],
    ])
    const orders = listings.map((listing, i) => this.order(random, listing, this.orders + i + 1, state))
    this.orders += orders.length
    const amount = sum(
      orders.reduce((all, order) => all + order.total, 0),
      orders[0]!.lines[0]!.unitPrice.currency,
    )
    const disputed = state === 'DELIVERED' && random.chance(0.012)
    const paymentStatus =
      state === 'PLACED' ? 'PENDING' : disputed ? 'DISPUTED' : state === 'CANCELED' ? 'REFUNDED' : 'CAPTURED'
    const checkout = random.hex(24)
    yield {
      kind: 'checkouts',
      line: {
        externalId: checkout,
        buyer: this.userId(buyer),
        placedAt: time(placedAt),
        orders: orders.map(({ sellerAt: _, total: __, ...line }) => line),
        payment: {
          externalId: `pay-${random.uuid()}`,
          provider: 'stripe',
          method: random.weighted([
            ['card', 85],
            ['sepa_debit', 10],
            ['klarna', 5],
          ]),
          status: paymentStatus,
          amount,
          paymentIntentId: `pi_3${random.letters(23)}`,
          ...(paymentStatus !== 'PENDING' && {
            chargeId: `ch_3${random.letters(23)}`,
            paidAt: time(placedAt + random.whole(2_000, 90_000)),
          }),
          customerId: this.customerId(buyer),
        },
      },
    }
    for (const order of orders) yield* this.aftermath(random, order, state, placedAt)
    if (disputed) yield this.dispute(random, orders[0]!, placedAt)
    if (state === 'DELIVERED' || state === 'SHIPPED') for (const order of orders) this.owe(order)
  }

  /** Listings of one to four sellers who share a currency. */
  private basket(random: Random): number[] {
    const first = random.whole(0, this.sizes.listings - 1)
    const currency = this.currencyOf(this.sellerOfListing(first))
    const wanted = Math.min(
      random.weighted([
        [1, 70],
        [2, 20],
        [3, 8],
        [4, 2],
      ]),
      this.total - this.orders,
    )
    const basket = [first]
    for (let tries = 0; basket.length < wanted && tries < 40; tries++) {
      const next = random.whole(0, this.sizes.listings - 1)
      const isOther = basket.every(one => this.sellerOfListing(one) !== this.sellerOfListing(next))
      if (isOther && this.currencyOf(this.sellerOfListing(next)) === currency) basket.push(next)
    }
    return basket
  }

  private order(random: Random, listing: number, number: number, status: string) {
    const at = this.sellerOfListing(listing)
    const { title, price } = this.listed(listing)
    const quantity = random.weighted([
      [1, 80],
      [2, 15],
      [3, 5],
    ])
    const line = {
      externalId: `${number}-1`,
      title,
      sku: `SKU-${random.digits(6)}`,
      listing: this.listingId(listing),
      quantity,
      unitPrice: price,
    }
    const goods = sum(price.amount * quantity, price.currency)
    const shipping = priced(random.whole(0, 15), price.currency)
    const tax = share(goods, random.pick([0, 7, 8, 19, 20]))
    return {
      externalId: String(1_000_000 + number),
      number: `#${100_000 + number}`,
      status,
      lines: [line],
      shipping,
      tax,
      fee: share(goods, 10),
      total: goods.amount + shipping.amount + tax.amount,
      seller: this.organizationId(at),
      sellerAt: { at, currency: price.currency },
    }
  }

  private *aftermath(
    random: Random,
    order: ReturnType<Marketplace['order']>,
    state: string,
    placedAt: number,
  ): Generator<Told> {
    if (state !== 'SHIPPED' && state !== 'DELIVERED' && !(state === 'PAID' && random.chance(0.3))) return
    const carrier = random.weighted(CARRIERS)
    const { currency } = order.shipping
    const shippedAt = placedAt + random.whole(3, 72) * 3_600_000
    const status =
      state === 'DELIVERED'
        ? 'DELIVERED'
        : state === 'PAID'
          ? 'LABEL_CREATED'
          : random.weighted([
              ['IN_TRANSIT', 80],
              ['OUT_FOR_DELIVERY', 15],
              ['LOST', 5],
            ])
    yield {
      kind: 'shipments',
      line: {
        externalId: random.uuid(),
        order: order.externalId,
        carrier,
        service: random.pick(['Ground', 'Express', 'Economy']),
        trackingNumber: TRACKING[carrier]!(random),
        status,
        carrierStatus: status.toLowerCase().replaceAll('_', ' '),
        origin: random.pick(CITIES[currency]!),
        labelCost: priced(random.whole(3, 18), currency),
        shippingCredit: order.shipping,
        ...(status !== 'LABEL_CREATED' && { shippedAt: time(shippedAt) }),
        ...(status === 'DELIVERED' && { deliveredAt: time(shippedAt + random.whole(20, 160) * 3_600_000) }),
      },
    }
  }

  private dispute(random: Random, order: ReturnType<Marketplace['order']>, placedAt: number): Told {
    const openedAt = placedAt + random.whole(8, 40) * DAY
    return {
      kind: 'disputes',
      line: {
        externalId: random.hex(24),
        order: order.externalId,
        amount: sum(order.total, order.shipping.currency),
        reason: random.pick(REASONS),
        state: random.weighted([
          ['NEEDS_RESPONSE', 3],
          ['UNDER_REVIEW', 3],
          ['WON', 2],
          ['LOST', 2],
        ]),
        disputeId: `dp_1${random.letters(23)}`,
        evidenceDueAt: time(openedAt + 14 * DAY),
        openedAt: time(openedAt),
      },
    }
  }

  private owe({ seller, sellerAt, total, fee }: ReturnType<Marketplace['order']>): void {
    const debt = this.owed.get(seller) ?? { seller: sellerAt, amount: 0 }
    debt.amount += total - fee.amount
    this.owed.set(seller, debt)
  }

  private *payoutsBefore(at: number): Generator<Told> {
    const week = Math.floor(at / (7 * DAY))
    if (this.week && week > this.week) yield* this.payouts(week * 7 * DAY)
    this.week = Math.max(this.week, week)
  }

  private *payouts(at: number): Generator<Told> {
    for (const [organization, { seller, amount }] of this.owed) {
      const random = this.random('payout', organization, at)
      const recent = this.until - at < 7 * DAY
      yield {
        kind: 'payouts',
        line: {
          externalId: random.hex(24),
          organization,
          amount: sum(amount, seller.currency),
          status: recent
            ? random.pick(['PENDING', 'IN_TRANSIT'])
            : random.weighted([
                ['PAID', 98],
                ['FAILED', 2],
              ]),
          payoutId: `po_1${random.letters(23)}`,
          arrivalAt: time(at + 2 * DAY),
        },
      }
    }
    this.owed.clear()
  }
}
