import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startWork } from '#gateway/work.js'
import { cloneDatabase } from '#kit/cluster.js'
import { openTestServices } from '#kit/services.js'
import { APPROVAL_HOURS, approval, approvals } from '#shared/approval.js'
import { systemIdentity } from '#shared/identity.js'
import { perform } from '#shared/perform.js'
import { Role } from '#shared/roles.js'
import { HERE, type Services } from '#shared/services.js'
import { fold } from '#shared/view.js'
import audit from '#subgraphs/audit/index.js'

const START = Date.UTC(2026, 3, 22, 12)
let now = START
let services: Services
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  const url = await cloneDatabase('expiry')
  const opened = await openTestServices(url, [audit], () => new Date(now))
  services = opened.services
  const work = await startWork({ url, services, subgraphs: [audit] })
  stops.push(work.stop, opened.stop)
})
afterAll(async () => {
  for (const stop of stops) await stop()
})

/** A request as the kernel leaves it. */
async function requested(id: string): Promise<void> {
  const data = {
    action: 'issueRefund',
    subgraph: 'orders',
    targetId: 'ord_1',
    targetVersion: 1,
    input: {},
    inputHash: '',
    requesterId: 'stf_sam',
    requesterRoles: ['SUPPORT_AGENT'],
    approverRoles: ['FINANCE_ADMIN'],
    why: 'above the limit',
    expiresAt: new Date(now + APPROVAL_HOURS * 3_600_000).toISOString(),
  }
  const meta = {
    actor: { kind: 'STAFF' as const, id: 'stf_sam', roles: [Role.SUPPORT_AGENT], tokenId: null },
    reasonCode: 'ROUTINE',
    requestId: id,
    correlationId: id,
    ...HERE,
  }
  await services.db.transaction(async tx => {
    const write = {
      stream: { type: approval.type, id },
      expectedVersion: 0,
      events: [{ type: 'ApprovalRequested', data, refs: ['ord_1'] }],
    }
    await fold(tx, [approvals], await services.store.append(tx, [write], meta, new Date(now)))
  })
  services.store.poke(services.db)
}

const stateOf = async (id: string): Promise<string> =>
  (await services.db.query('select state from approval.approval where id = $1', [id]))[0].state

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await what()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('It never came to that')
}

const jobs = async () => Number((await services.db.query('select count(*) as n from log.reaction_job'))[0].n)

test('a request that nobody decides runs out by an event, and one that was decided does not', async () => {
  await requested('apr_late')
  await requested('apr_back')
  await until(async () => (await jobs()) === 2)
  const withdraw = audit.performers.find(({ action }) => action.name === 'withdrawApproval')!
  const sam = { ...systemIdentity(Role.SUPPORT_AGENT), kind: 'STAFF' as const, personId: 'stf_sam' }
  const outcome = await perform(withdraw, { approvalId: 'apr_back' } as never, {
    services,
    identity: sam,
    requestId: 'r',
    ...HERE,
  })
  expect(outcome.userErrors).toEqual([])

  now = START + APPROVAL_HOURS * 3_600_000 - 1
  await new Promise(resolve => setTimeout(resolve, 1_500))
  expect(await stateOf('apr_late')).toBe('PENDING')

  now += 1
  await until(async () => (await stateOf('apr_late')) === 'EXPIRED')
  await until(
    async () =>
      Number(
        (await services.db.query("select count(*) as n from log.reaction_job where state = 'DONE'"))[0].n,
      ) === 2,
  )
  expect(await stateOf('apr_back')).toBe('WITHDRAWN')

  const history = await services.store.load(services.db, { type: 'Approval', id: 'apr_late' })
  expect(
    history.map(({ type, actor, causationId }) => ({
      type,
      actor: actor.kind,
      caused: causationId !== null,
    })),
  ).toEqual([
    { type: 'ApprovalRequested', actor: 'STAFF', caused: false },
    { type: 'ApprovalExpired', actor: 'SYSTEM', caused: true },
  ])
})

test('what was given up is started again by an act that stays in the log (E3)', async () => {
  await services.db.query(`update log.reaction_job set state = 'DEAD', ended_at = now() where id = 1`)
  const retry = audit.performers.find(({ action }) => action.name === 'retryReaction')!
  const ada = { ...systemIdentity(Role.SUPER_ADMIN), kind: 'STAFF' as const, personId: 'stf_ada' }
  const caller = { services, identity: ada, requestId: 'r2', ...HERE }
  const { events, userErrors } = await perform(
    retry,
    { jobId: 'job_1', reason: 'CAUSE_REMOVED' } as never,
    caller,
  )
  expect(userErrors).toEqual([])
  expect(events).toMatchObject([{ type: 'ReactionRetried' }])
  await until(
    async () =>
      (await services.db.query('select state from log.reaction_job where id = 1'))[0].state === 'DONE',
  )
})
