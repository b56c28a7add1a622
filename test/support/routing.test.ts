import { describe, expect, test } from '@jest/globals'
import type { RoutingRuleShape, TicketCategory } from '#shared/events/support.js'
import { type Routable, type RoutableQueue, route } from '#subgraphs/support/routing/routing.js'

const queue = (id: string, more: Partial<RoutableQueue> = {}): RoutableQueue => ({
  id,
  name: id,
  categories: [],
  isActive: true,
  isSpam: false,
  ...more,
})
const QUEUES = [
  queue('que_other'),
  queue('que_questions', { categories: ['REPLY_NEEDED'] }),
  queue('que_money', { categories: ['BILLING'] }),
  queue('que_ended', { categories: ['CLAIM'], isActive: false }),
  queue('que_spam', { isSpam: true }),
]
const rule = (name: string, more: Partial<RoutingRuleShape>): RoutingRuleShape => ({
  name,
  when: {},
  thenQueueId: null,
  tags: [],
  priority: null,
  safetySensitive: false,
  filter: null,
  because: 'x',
  ...more,
})
const ticket = (more: Partial<Routable> = {}): Routable => ({
  category: 'REPLY_NEEDED',
  channel: 'DASHBOARD',
  linkTypes: [],
  text: 'My refund is late',
  plan: null,
  ...more,
})
const by = (rules: RoutingRuleShape[], of: Routable = ticket()) =>
  route({ version: 1, rules, queues: QUEUES }, of)

describe('routing', () => {
  test.each<[TicketCategory, string]>([
    ['BILLING', 'que_money'],
    ['REPLY_NEEDED', 'que_questions'],
    ['CLAIM', 'que_questions'],
  ])('without a rule %s goes to %s', (category, queueId) => {
    expect(by([], ticket({ category }))).toMatchObject({
      queueId,
      filterState: 'INBOX',
      tags: [],
      priority: null,
    })
  })

  test('without a queue it lies nowhere, and says so', () => {
    expect(route({ version: 0, rules: [], queues: [] }, ticket())).toMatchObject({
      queueId: null,
      routing: { because: 'There is no active queue.' },
    })
  })

  test('all that fit count, the first that names a queue that is active decides', () => {
    const words = { words: ['refund'] }
    const routed = by([
      rule('ended', { when: words, thenQueueId: 'que_ended', priority: 'LOW', tags: ['a'] }),
      rule('first', { when: words, thenQueueId: 'que_other', priority: 'URGENT', tags: ['b'] }),
      rule('second', {
        when: words,
        thenQueueId: 'que_money',
        priority: 'HIGH',
        tags: ['a'],
        safetySensitive: true,
      }),
      rule('none', { when: { words: ['tax'] }, filter: 'SPAM', tags: ['c'] }),
    ])
    expect(routed).toMatchObject({
      queueId: 'que_other',
      tags: ['a', 'b'],
      priority: 'URGENT',
      safetySensitive: true,
      filterState: 'INBOX',
      filteredBy: null,
      routing: { because: 'Rule first.' },
    })
    expect(routed.routing.steps.map(({ matched }) => matched)).toEqual([true, true, true, false])
  })

  test.each([
    ['My REFUND, please!', true],
    ['It is refundable', false],
    ['a re fund', false],
    ['Ｒｅｆｕｎｄ'.normalize('NFKC'), true],
    ['', false],
  ])('the word refund is found in "%s": %s', (text, matched) => {
    const { routing } = by([rule('r', { when: { words: ['refund'] }, tags: ['x'] })], ticket({ text }))
    expect(routing.steps[0]!.matched).toBe(matched)
  })

  test('words of several words stand together, in any punctuation', () => {
    const rules = [rule('r', { when: { words: ['charge back'] }, tags: ['x'] })]
    expect(by(rules, ticket({ text: 'A charge-back came' })).tags).toEqual(['x'])
    expect(by(rules, ticket({ text: 'Charge it back' })).tags).toEqual([])
  })

  test('a rule wants all that it says, one of each list', () => {
    const when = { categories: ['BILLING' as const], plans: ['Gold', 'Silver'], linkTypes: ['Order'] }
    const rules = [rule('r', { when, tags: ['x'] })]
    const all = { category: 'BILLING' as const, plan: 'silver', linkTypes: ['User', 'Order'] }
    expect(by(rules, ticket(all)).tags).toEqual(['x'])
    for (const less of [{ category: 'CLAIM' as const }, { plan: null }, { linkTypes: [] }])
      expect(by(rules, ticket({ ...all, ...less })).tags).toEqual([])
  })

  test('spam by a rule, or by a queue for it, is out of the inbox and names its rule', () => {
    expect(by([rule('lottery', { when: { words: ['refund'] }, filter: 'SPAM' })])).toMatchObject({
      queueId: 'que_questions',
      filterState: 'SPAM',
      filteredBy: 'lottery',
    })
    expect(by([rule('bin', { when: { words: ['refund'] }, thenQueueId: 'que_spam' })])).toMatchObject({
      queueId: 'que_spam',
      filterState: 'SPAM',
      filteredBy: 'bin',
    })
  })
})
