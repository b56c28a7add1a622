import { type Beginning, beginStreams } from '#shared/begin.js'
import type { QueueShape, RoutingRuleShape, TicketCategory, Workspace } from '#shared/events/support.js'
import type { Services } from '#shared/services.js'
import { runbooksToBegin } from './desk/runbooks-to-begin.js'
import { beginChannel } from './mail/begin-channel.js'
import { RULES_ID } from './routing/routing-rules.js'
import { queues } from './views/queue.js'
import { routingRuleSets } from './views/routing-rule-set.js'
import { runbooks } from './views/runbook.js'

const queue = (
  name: string,
  publicName: string,
  workspace: Workspace,
  categories: TicketCategory[] = [],
  isSpam = false,
): QueueShape => ({ name, publicName, workspace, categories, isActive: true, isSpam })

/** Queues to begin with; leads change them as they like. */
const QUEUES: Record<string, QueueShape> = {
  que_support: queue('Support', 'Support', 'TRIAGE', [
    'REPLY_NEEDED',
    'PROBLEM_REPORT',
    'OPERATIONAL_FOLLOW_UP',
  ]),
  que_accounts: queue('Account help', 'Account help', 'USERS', ['ACCOUNT_HELP']),
  que_billing: queue('Billing', 'Billing', 'REVENUE', ['BILLING']),
  que_orders: queue('Orders and claims', 'Orders', 'SHIPPING', ['CLAIM']),
  que_accessibility: queue('Accessibility', 'Accessibility', 'TRIAGE', ['ACCESSIBILITY']),
  que_incidents: queue('Incidents', 'Support', 'TRIAGE', ['INCIDENT']),
  que_trust: queue('Trust and safety', 'Support', 'TRUST'),
  que_spam: queue('Spam', 'Support', 'TRIAGE', [], true),
}

const RULES: RoutingRuleShape[] = [
  {
    name: 'Danger to people',
    when: {
      words: ['suicide', 'self harm', 'kill myself', 'death threat', 'bomb threat', 'child abuse'],
    },
    thenQueueId: 'que_trust',
    tags: ['safety'],
    priority: 'URGENT',
    safetySensitive: true,
    filter: null,
    because: 'Somebody may come to harm: it goes before everything else.',
  },
]

const BEGINNINGS: readonly Beginning[] = [
  ...Object.entries(QUEUES).map(([id, data]) => ({
    stream: { type: 'Queue', id },
    event: { type: 'QueueCreated', data },
  })),
  {
    stream: { type: 'RoutingRuleSet', id: RULES_ID },
    event: { type: 'RoutingRulesChanged', data: { rules: RULES }, refs: ['que_trust'] },
  },
  ...runbooksToBegin(),
]

/** A2, C11: queues and rules that are there from the first ticket on, by events of Opsgraph itself. What became of them since stays. */
export async function begin(services: Services): Promise<void> {
  await beginQueues(services)
  await beginChannel(services)
}

async function beginQueues(services: Services): Promise<void> {
  const { db, store } = services
  await db.transaction(async tx => {
    await store.lock(tx, ['queues'])
    await beginStreams(tx, BEGINNINGS, [queues, routingRuleSets, runbooks], services)
  })
  store.poke(db)
}
