import { FakeStripe } from '#kit/stripe.js'
import { type Json, type Person, paidOrder, until, usd, World, type WorldOptions } from '#kit/world.js'

export const REFUND = `{ id status providerRefundId amount { amount } shares {
  state attempt providerRefundId failureCode failureMessage amount { amount } payment { id provider } } }`

/** The waits of a reaction before its next tries, ms, each a little longer. */
export const WAITS = [5, 30, 120, 600, 1_800, 3_600, 10_800].map(seconds => (seconds + 1) * 1_000)

/** Opsgraph beside a server that speaks as Stripe does, with orders that were paid there. */
export class Desk {
  people!: Awaited<ReturnType<World['people']>>
  #count = 0

  private constructor(
    readonly world: World,
    readonly stripe: FakeStripe,
  ) {}

  static async open(name: string, options: WorldOptions = {}): Promise<Desk> {
    const stripe = await FakeStripe.start()
    const world = await World.open(name, { ...options, env: stripe.env })
    const desk = new Desk(world, stripe)
    desk.people = await world.people()
    return desk
  }

  async close(): Promise<void> {
    await this.world.close()
    await this.stripe.stop()
  }

  /** An order of $150 that was paid by Stripe; answers its id and how Stripe knows the payment. */
  async order(
    more: Json = {},
  ): Promise<{ orderId: string; intent: string; charge: string; external: string }> {
    const external = `o-${++this.#count}`
    const intent = `pi_${external}`
    const charge = `ch_${external}`
    this.stripe.paid(intent, charge, 150_00)
    const payment = {
      externalId: `p-${external}`,
      amount: usd(150_00),
      paymentIntentId: intent,
      chargeId: charge,
      ...more,
    }
    const orderId = await paidOrder(this.people.shop, external, usd(150_00), { payment })
    return { orderId, intent, charge, external }
  }

  /** Gives back as the finance admin; answers the refund's id. */
  async refund(orderId: string, amount = 40_00): Promise<string> {
    const input = {
      orderId,
      amount: usd(amount),
      reason: 'GOODWILL',
      idempotencyKey: `${orderId}-${++this.#count}`,
    }
    const { refund, userErrors } = await this.people.fay.act('issueRefund', input, 'refund { id }')
    if (userErrors.length) throw new Error(JSON.stringify(userErrors))
    return refund.id
  }

  async read(refundId: string, by: Person = this.people.fay): Promise<Json> {
    return (await by.ask(`query ($id: ID!) { refund(id: $id) ${REFUND} }`, { id: refundId })).refund
  }

  /** The refund, once it stands there. */
  async standing(refundId: string, status: string, ms = 10_000): Promise<Json> {
    return found(async () => {
      const refund = await this.read(refundId)
      return refund.status === status ? refund : null
    }, ms)
  }

  /** The refund, once its one share is in this state. */
  async share(refundId: string, state: string, ms = 10_000): Promise<Json> {
    return found(async () => {
      const [share] = (await this.read(refundId)).shares
      return share.state === state ? share : null
    }, ms)
  }

  /** What happened to a refund, oldest first. */
  async events(refundId: string): Promise<string[]> {
    const rows = await this.world.sql(
      `select type from log.event where $1 = any(refs) and stream_type = 'Order' order by id`,
      [refundId],
    )
    return rows.map(({ type }) => type)
  }

  /** The jobs of a reaction for a refund, or for an event of the provider. */
  async jobs(reaction: string, about: string): Promise<Json[]> {
    return this.world.sql(
      `select state, attempts, last_error from log.reaction_job j join log.event e on e.id = j.event_id
       where reaction = $1 and ($2 = any(e.refs) or e.payload ->> 'providerEventId' = $2) order by j.id`,
      [reaction, about],
    )
  }

  /** Waits until a try has failed, then lets the time pass that the reaction waits for. */
  async tryAgain(refundId: string, tries: number): Promise<void> {
    await this.tried(refundId, tries)
    this.world.advance(WAITS[tries - 1]!)
  }

  /** Waits until so many tries of the newest sending have failed. */
  async tried(refundId: string, tries: number): Promise<void> {
    await until(async () => {
      const [job] = await this.world.sql(
        `select attempts from log.reaction_job j join log.event e on e.id = j.event_id
         where reaction = 'send-refund' and $1 = any(e.refs) order by j.id desc limit 1`,
        [refundId],
      )
      return job?.attempts >= tries
    })
  }

  async worklist(): Promise<Json[]> {
    return (await this.people.fay.ask(`{ refundWorklist(first: 50) { nodes ${REFUND} } }`)).refundWorklist
      .nodes
  }

  /** Refunds in the inbox of all work. */
  async work(): Promise<Json[]> {
    const filter = 'filter: { kinds: [REFUND], phases: [NEW, ACTIVE, WAITING, DONE] }, first: 100'
    const query = `{ workItems(${filter}) { nodes { phase workspace node { id } } } }`
    return (await this.people.fay.ask(query)).workItems.nodes
  }

  async retry(refundId: string, more: Json = {}): Promise<Json> {
    const { shares } = await this.read(refundId)
    return this.people.fay.act(
      'retryRefund',
      {
        refundId,
        paymentId: shares[0].payment.id,
        reason: 'CAUSE_MENDED',
        idempotencyKey: `retry-${refundId}-${++this.#count}`,
        ...more,
      },
      'refund { status }',
    )
  }
}

const found = async (ask: () => Promise<Json | null>, ms: number): Promise<Json> => (await until(ask, ms))!
