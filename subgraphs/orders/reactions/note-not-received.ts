import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { reaction } from '#shared/reaction.js'

const saysSo = ({ type, data }: StoredEvent): boolean =>
  type === 'NotReceivedCaseStarted' || data.kind === 'NOT_RECEIVED'

/** E45: a workflow or a claim says that an order never came; each of its parcels, or the one that is named, knows of it. */
export const noteNotReceived = reaction<Act>({
  name: 'noteNotReceived',
  on: ['NotReceivedCaseStarted', 'ClaimOpened'],
  when: event => (saysSo(event) ? event.occurredAt : null),
  async run({ event, tx, act }) {
    const rows: { id: string }[] = await tx.query(
      'select id from orders.shipment where order_id = $1 and ($2::text is null or id = $2) order by id',
      [event.data.orderId, event.data.shipmentId ?? null],
    )
    for (const { id } of rows)
      await act('reportNotReceived', { shipmentId: id, about: event.stream.id }, { tx, event })
  },
})

/** E45: when the claim was decided, or the workflow came to its end, it no longer says so. */
export const settleNotReceivedReports = reaction<Act>({
  name: 'settleNotReceivedReports',
  on: ['ClaimResolved', 'ClaimClosed', 'WorkflowEnded'],
  async run({ event, tx, act }) {
    const rows: { id: string }[] = await tx.query(
      `select id from orders.shipment where reports @> array[$1] and reports <> '{}' order by id`,
      [event.stream.id],
    )
    const because = `${event.type} ${event.data.outcome ?? event.data.state ?? ''}`.trim()
    for (const { id } of rows)
      await act('settleNotReceived', { shipmentId: id, about: event.stream.id, because }, { tx, event })
  },
})
