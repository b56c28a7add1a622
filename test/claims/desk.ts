import { randomUUID } from 'node:crypto'
import { idOf, type Json, type Person, paidOrder, until, usd, type World } from '../kit/world.js'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const CLAIM = `claim { id status kind amount { amount currency } summary outcome buyerAmount { amount } dueAt resolvedAt closedAt
  sla { metric state dueAt breachedAt } slas { metric state }
  checklist { id kind from state dueAt instructions evidence description satisfiedAt } }`

const ALL = `${CLAIM.slice('claim { '.length, -1)} statement resolvedReasonCode openedById owed { amount currency }
  order { id } buyer { id } seller { id } chargeback { id state } chargebacks { id } refunds { nodes { id amount { amount } } }
  notes { nodes { visibility body authorId } totalCount } timeline(first: 100) { nodes { type } }`

/** What tests of claims do over and over. */
export class ClaimDesk {
  constructor(
    readonly world: World,
    readonly people: Awaited<ReturnType<World['people']>>,
  ) {}

  /** A paid order of 150.00 and the id of a claim about it. */
  async opened(external: string, input: Json = {}): Promise<{ orderId: string; claimId: string }> {
    const orderId = await paidOrder(this.people.shop, external)
    const { claim } = await this.open(this.people.sam, orderId, input)
    return { orderId, claimId: claim.id }
  }

  open(who: Person, orderId: string, input: Json = {}): Promise<Json> {
    return who.act('openClaim', { orderId, kind: 'DAMAGED', summary: 'It came in pieces.', ...input }, CLAIM)
  }

  ask(who: Person, claimId: string, input: Json = {}): Promise<Json> {
    const asked = { claimId, kind: 'PHOTO', from: 'BUYER', instructions: 'Please send a picture.', ...input }
    return who.act('requestEvidence', asked, CLAIM)
  }

  satisfy(who: Person, claimId: string, requirementId: string, input: Json = {}): Promise<Json> {
    const brought = { evidence: ['https://pictures.example/1.jpg'], description: 'The box is crushed.' }
    return who.act('satisfyEvidence', { claimId, requirementId, ...brought, ...input }, CLAIM)
  }

  resolve(who: Person, claimId: string, input: Json = {}): Promise<Json> {
    const reason = { reason: 'EVIDENCE_FOR_BUYER', statement: 'The pictures show it.' }
    return who.act('resolveClaim', { claimId, outcome: 'BUYER', ...reason, ...input }, CLAIM)
  }

  close(who: Person, claimId: string): Promise<Json> {
    return who.act('closeClaim', { claimId }, CLAIM)
  }

  refund(who: Person, orderId: string, amount: number, input: Json = {}): Promise<Json> {
    const asked = { orderId, amount: usd(amount), reason: 'ITEM_DAMAGED', idempotencyKey: randomUUID() }
    return who.act('issueRefund', { ...asked, ...input }, 'refund { id claimId }')
  }

  async claim(id: string): Promise<Json> {
    return (await this.people.sam.ask(`query ($id: ID!) { claim(id: $id) { ${ALL} } }`, { id })).claim
  }

  async claimsOf(orderId: string): Promise<Json[]> {
    const query = `query ($id: ID!) { order(id: $id) { claims { nodes { ${ALL} } } } }`
    return (await this.people.sam.ask(query, { id: orderId })).order.claims.nodes
  }

  /** Records a chargeback as the marketplace does; answers its global id. */
  async chargeback(external: string, order: string, state: string, amount = usd(150_00)): Promise<string> {
    const record = {
      source: 'shop',
      externalId: external,
      order,
      amount,
      reason: 'product_not_received',
      state,
      openedAt: '2026-04-28T00:00:00.000Z',
    }
    const { problems } = await this.people.shop.record('disputes', [record])
    if (problems.length) throw new Error(JSON.stringify(problems))
    return idOf('dsp', external)
  }

  /** What a claim's refunds and chargebacks left on each account: debits less credits, in minor units. */
  async unwound(claimId: string): Promise<Record<string, number>> {
    const query = `query ($id: ID!) { claim(id: $id) { ledgerUnwind(first: 100) { nodes { account side amount { amount } } } } }`
    const { claim } = await this.people.fay.ask(query, { id: claimId })
    const left: Record<string, number> = {}
    for (const { account, side, amount } of claim.ledgerUnwind.nodes)
      left[account] = (left[account] ?? 0) + (side === 'DEBIT' ? amount.amount : -amount.amount)
    return left
  }

  async dispute(id: string): Promise<Json> {
    const query = 'query ($id: ID!) { dispute(id: $id) { id state claim { id kind status } } }'
    return (await this.people.sam.ask(query, { id })).dispute
  }

  /** Waits until every reaction that is due has run. */
  async settled(): Promise<void> {
    await until(async () => {
      const [{ busy }] = (await this.world.sql(
        `select exists (select from log.event_unsealed)
           or exists (select from log.consumer where name like 'reaction/%' and position < (select coalesce(max(pos), 0) from log.event_pos))
           or exists (select from log.reaction_job where state = 'PENDING' and due_at <= $1::timestamptz + case attempts when 0 then $2::interval else '0' end) as busy`,
        // A job whose call is under way is due again when its lease runs out.
        [this.world.now, '20 seconds'],
      )) as [{ busy: boolean }]
      return !busy
    })
  }

  async events(id: string, type: string): Promise<Json[]> {
    return this.world.sql(
      'select payload, reason, actor, refs from log.event where type = $2 and stream_id = $1 order by id',
      [id, type],
    )
  }
}
