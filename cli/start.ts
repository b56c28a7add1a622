import { runDistributed } from '#gateway/distributed.js'
import { type Parts, runOpsgraph } from '#gateway/index.js'
import { ensureDemoRequester, ensureSecondRequester, ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import { loadDemoTickets } from './demo/tickets.js'
import { loadDemo } from './load-demo.js'

/** In development: one person for each role, and the example records and tickets when there are none. */
export const furnish: NonNullable<Parts['furnish']> = async (services, subgraphs, { mode, demo }) => {
  if (mode !== 'development') return
  await ensureStaff(services)
  await ensureDemoRequester(services)
  if (!demo) return
  await ensureSecondRequester(services)
  if (!(await isEmpty(services))) return
  await loadDemo(services, subgraphs)
  await loadDemoTickets(services, subgraphs)
}

const isEmpty = async ({ db }: Parameters<typeof furnish>[0]): Promise<boolean> => {
  const [{ found }] = await db.query(
    `select exists (select from log.event where type = 'OrderRecorded') as found`,
  )
  return !found
}

/** `opsgraph start`: everything in one process, or the one part that SUBGRAPH names. */
export const start = (): Promise<void> => runOpsgraph(furnish)

/** `opsgraph start:distributed`: the gateway and six subgraphs as seven processes. */
export const startDistributed = (): Promise<void> => runDistributed(furnish)
