import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { type Reaction, reaction } from '#shared/reaction.js'
import { lookAtStep } from '../workflows/engine.js'
import { AWAITED, DEFINITIONS } from '../workflows/index.js'

/**
 * Workflows that are not over and that an event may concern: those that it names, of its order, or of its seller. Whether one waits for
 * it is looked at under its lock: a step that begins to wait just now sees by itself what has come already.
 */
async function concernedBy(db: EntityManager, { stream, data, refs }: StoredEvent): Promise<string[]> {
  const [parcel] =
    stream.type === 'Shipment'
      ? await db.query('select order_id from orders.shipment where id = $1', [stream.id])
      : []
  const orders = [stream.id, data.orderId, parcel?.order_id, ...refs].filter(id => id?.startsWith('ord_'))
  // Each by an index of its own.
  const rows: { id: string }[] = await db.query(
    `select id from orders.workflow where id = any($1) and ended_at is null
     union select id from orders.workflow where order_ids && $2 and ended_at is null
     union select id from orders.workflow where seller_id = $3 and ended_at is null order by id`,
    [[stream.id, data.workflowId ?? ''], orders, data.organizationId ?? null],
  )
  return rows.map(({ id }) => id)
}

/** What a step waits for happened, perhaps. */
export const bringOnSteps = reaction<Act>({
  name: 'bring-on-workflow-steps',
  on: AWAITED,
  when: async (event, db) => ((await concernedBy(db, event)).length ? event.occurredAt : null),
  run: async woken => {
    for (const id of await concernedBy(woken.tx, woken.event)) await lookAtStep(DEFINITIONS, id, woken)
  },
}) as Reaction

/** Its time has come. One that was given more time by then waits on: its new time has a job of its own. */
export const endWaiting = reaction<Act>({
  name: 'end-workflow-waits',
  on: ['WorkflowStepWaiting'],
  when: ({ data }) => (data.dueAt ? new Date(data.dueAt) : null),
  run: woken => lookAtStep(DEFINITIONS, woken.event.stream.id, woken),
}) as Reaction
