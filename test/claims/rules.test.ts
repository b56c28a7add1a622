import { describe, expect, test } from '@jest/globals'
import type { Facts } from '#shared/action.js'
import { replay } from '#shared/aggregate.js'
import type { EventDraft } from '#shared/event.js'
import { openClaimWithin } from '#subgraphs/orders/actions/open-claim-within.js'
import { claim, dueAtOf, isNews, queuedAt, slasOf, statusOf } from '#subgraphs/orders/claim.js'
import { isAddress } from '#subgraphs/orders/evidence-address.js'
import { breachClaimSlas } from '#subgraphs/orders/reactions/breach-claim-slas.js'
import { usd } from '../kit/world.js'

const at = (hour: number) => `2026-04-20T${String(hour).padStart(2, '0')}:00:00.000Z`

/** A claim as these left it, each with the hour at which it happened. */
const leftBy = (...events: [hour: number, type: string, data: object][]) =>
  replay(
    claim,
    [[0, 'ClaimOpened', OPENED] as const, ...events].map(([hour, type, data]) => ({
      type,
      data: data as never,
      occurredAt: new Date(at(hour)),
      actor: { kind: 'STAFF', id: 'stf_sam', roles: [], tokenId: null } as const,
      stream: { type: 'Claim', id: 'clm_1' },
    })),
  )

const OPENED = {
  orderId: 'ord_1',
  buyerId: 'usr_1',
  sellerId: 'org_1',
  kind: 'DAMAGED',
  amount: usd(100),
  disputeId: null,
  workflowId: null,
  responseDueAt: at(10),
}
const asked = (requirementId: string, from: string, due: number) => ({
  requirementId,
  kind: 'PHOTO',
  from,
  dueAt: at(due),
})

/** E49: status, promises and place in the queue follow from what happened, in one place. */
describe('what follows for a claim', () => {
  test('nobody asked for anything: it is open, and an answer is due', () => {
    const state = leftBy()
    expect(statusOf(state)).toBe('OPEN')
    expect(slasOf(state)).toEqual([
      { metric: 'FIRST_RESPONSE', dueAt: at(10), state: 'RUNNING', breachedAt: null },
    ])
    expect([dueAtOf(state), queuedAt(state)]).toEqual([at(10), at(10)])
  })

  test('it waits for whoever of buyer and seller is due first', () => {
    const both = leftBy(
      [1, 'EvidenceRequested', asked('a', 'BUYER', 9)],
      [1, 'EvidenceRequested', asked('b', 'SELLER', 8)],
      [1, 'EvidenceRequested', asked('c', 'CARRIER', 7)],
    )
    expect(statusOf(both)).toBe('AWAITING_SELLER')
    expect(dueAtOf(both)).toBe(at(7))
    expect(slasOf(both)).toMatchObject([
      { state: 'MET' },
      { metric: 'EVIDENCE', dueAt: at(7), state: 'RUNNING' },
    ])
  })

  test('an answer that came late is late, whether or not anybody noted it in time', () => {
    const [first] = slasOf(leftBy([11, 'ClaimNoteAdded', { visibility: 'PARTIES', noteId: 'cln_1' }]))
    expect(first).toMatchObject({ state: 'BREACHED', breachedAt: at(10) })
    const [inner] = slasOf(leftBy([1, 'ClaimNoteAdded', { visibility: 'INTERNAL', noteId: 'cln_1' }]))
    expect(inner).toMatchObject({ state: 'RUNNING' })
  })

  test('when all was brought, it is our turn since then', () => {
    const state = leftBy(
      [1, 'EvidenceRequested', asked('a', 'BUYER', 4)],
      [5, 'EvidenceSatisfied', { requirementId: 'a', evidence: [] }],
    )
    expect(statusOf(state)).toBe('UNDER_REVIEW')
    expect([dueAtOf(state), queuedAt(state)]).toEqual([null, at(5)])
    expect(slasOf(state)[1]).toMatchObject({ state: 'BREACHED', breachedAt: at(4) })
  })

  test('what is decided leaves the queue, whatever was still asked for', () => {
    const state = leftBy(
      [1, 'EvidenceRequested', asked('a', 'BUYER', 4)],
      [2, 'ClaimResolved', { outcome: 'SELLER', buyerAmount: null }],
    )
    expect([statusOf(state), dueAtOf(state)]).toEqual(['RESOLVED', null])
    expect(queuedAt(state) > queuedAt(leftBy())).toBe(true)
    expect(slasOf(state)[1]).toMatchObject({ state: 'MET' })
  })

  test.each([
    [[], 'NEEDS_RESPONSE', true],
    [['NEEDS_RESPONSE'], 'NEEDS_RESPONSE', false],
    [['UNDER_REVIEW'], 'NEEDS_RESPONSE', true],
    [['LOST'], 'UNDER_REVIEW', false],
    [['LOST'], 'LOST', false],
    [['LOST'], 'WON', true],
  ] as const)('of a chargeback that was %s, %s is news: %s', (before, state, news) => {
    const linked = before.map(
      state => [1, 'ClaimChargebackLinked', { disputeId: 'dsp_1', state }] as [number, string, object],
    )
    expect(isNews(leftBy(...linked), 'dsp_1', state)).toBe(news)
  })
})

describe('claims and workflows', () => {
  const facts = {
    targetId: 'clm_1',
    now: new Date(at(0)),
    newId: (prefix: string) => `${prefix}_1`,
    read: {
      order: { status: 'SHIPPED', buyerId: 'usr_1', sellerId: 'org_1', paid: usd(100), refundable: usd(100) },
      open: null,
      responseDueAt: new Date(at(10)),
    },
  } as unknown as Facts<unknown>

  test('a claim goes on with what a workflow asked for, and tells nobody twice (E71)', () => {
    const evidence = [
      {
        id: 'evr_1',
        kind: 'STATEMENT',
        from: 'BUYER',
        state: 'REQUESTED',
        dueAt: at(9),
        instructions: 'Say it.',
      },
      {
        id: 'evr_2',
        kind: 'PROOF_OF_DELIVERY',
        from: 'SELLER',
        state: 'SATISFIED',
        dueAt: at(9),
        instructions: null,
        evidence: ['https://x.example/1'],
        description: 'Signed.',
      },
      { id: 'evr_3', kind: 'OTHER', from: 'BUYER', state: 'WAIVED', dueAt: at(9) },
    ]
    const input = { orderId: 'ord_1', kind: 'NOT_RECEIVED', workflowId: 'wfl_1', evidence }
    const happened = openClaimWithin.decide(claim.initial, input, facts) as EventDraft[]
    expect(happened.map(({ type }) => type)).toEqual([
      'ClaimOpened',
      'NotificationRequested',
      'NotificationRequested',
      'EvidenceRequested',
      'EvidenceRequested',
      'EvidenceSatisfied',
      'EvidenceRequested',
      'EvidenceWaived',
    ])
    const state = replay(
      claim,
      happened.map(({ type, data }) => ({
        type,
        data,
        occurredAt: facts.now,
        actor: { kind: 'SYSTEM', id: 'system', roles: [], tokenId: null },
        stream: { type: 'Claim', id: 'clm_1' },
      })) as never,
    )
    expect(statusOf(state)).toBe('AWAITING_BUYER')
    expect(state.requirements.map(({ id, state }) => [id, state])).toEqual([
      ['evr_1', 'REQUESTED'],
      ['evr_2', 'SATISFIED'],
      ['evr_3', 'WAIVED'],
    ])
  })

  test('evidence that a workflow asks for is not watched by claims', async () => {
    const event = (type: string) => ({ stream: { type, id: 'x' }, data: { dueAt: at(9) } }) as never
    expect(await breachClaimSlas.when!(event('Workflow'), null as never)).toBeNull()
    expect(await breachClaimSlas.when!(event('Claim'), null as never)).toEqual(new Date(at(9)))
  })
})

test.each([
  ['https://pictures.example/1.jpg?x=1', true],
  ['http://pictures.example/1.jpg', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['https://a b.example', false],
  ['ord_1', false],
  [`https://x.example/${'a'.repeat(2_000)}`, false],
])('%s is an address: %s', (text, is) => expect(isAddress(text)).toBe(is))
