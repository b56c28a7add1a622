import type { EntityManager } from 'typeorm'
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

/** Where people work to whom tickets are handed over, and no ticket comes by itself: a queue each, unless leads made one there. */
const HANDED_OVER: Record<string, QueueShape> = {
  que_risk: queue('Risk', 'Support', 'RISK'),
  que_stores: queue('Stores', 'Support', 'STORES'),
  que_legal: queue('Legal', 'Support', 'LEGAL'),
  que_catalog: queue('Catalog', 'Support', 'CATALOG'),
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

const created = ([id, data]: [string, QueueShape]): Beginning => ({
  stream: { type: 'Queue', id },
  event: { type: 'QueueCreated', data },
})

const BEGINNINGS: readonly Beginning[] = [
  ...Object.entries(QUEUES).map(created),
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
    await beginStreams(tx, await wanting(tx), [queues], services)
  })
  store.poke(db)
}

/** Of workspaces that have no queue, where nothing else is called so. */
async function wanting(tx: EntityManager): Promise<Beginning[]> {
  const there: { name: string; workspace: Workspace }[] = await tx.query(
    'select lower(name) as name, workspace from support.queue',
  )
  return Object.entries(HANDED_OVER)
    .filter(
      ([, { name, workspace }]) =>
        !there.some(one => one.workspace === workspace || one.name === name.toLowerCase()),
    )
    .map(created)
}
