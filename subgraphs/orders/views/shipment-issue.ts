import { Row } from '#shared/entity.js'
import type { StoredEvent } from '#shared/event.js'
import type { ShipmentIssueKind as Kind } from '#shared/events/shipping.js'
import { count, entity, instant, json, oneOf, ref, text } from '#shared/fields.js'
import { externalId } from '#shared/id.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { inWords, RANK } from '#shared/work.js'
import { shipment } from '../shipment.js'
import { Order } from './order.js'
import { Shipment } from './shipment.js'

export const ShipmentIssueKind = states('ShipmentIssueKind', 'What is wrong with a shipment.', {
  LABEL_PURCHASE_FAILED: 'Its label could not be bought.',
  ADDRESS_INVALID: 'The address it goes to is wrong.',
  TRACKING_STALE: 'It is on its way, and was not scanned for days.',
  DELIVERED_NOT_RECEIVED: 'The carrier says that it arrived, the buyer that it did not.',
})

export const ShipmentIssueState = states('ShipmentIssueState', 'Whether something is still wrong.', {
  OPEN: 'It is.',
  CLEARED: 'It no longer is.',
})

@entity('ShipmentIssue', {
  description:
    'Something that is wrong with a shipment. One for each kind; it opens anew when it happens again.',
  allow: READERS,
  schema: 'orders',
  prefix: 'sis',
  sort: 'detectedAt',
})
export class ShipmentIssue extends Row {
  @ref(() => Shipment, 'The shipment it is about.')
  shipmentId!: string

  @ref(() => Order, 'The order it is about.', { nullable: true })
  orderId!: string | null

  @oneOf(ShipmentIssueKind, 'What is wrong.')
  kind!: Kind

  @oneOf(ShipmentIssueState, 'Whether it still is.')
  state!: keyof typeof ShipmentIssueState

  @instant('Since when (UTC).')
  detectedAt!: Date

  @count('How often it came up.')
  occurrences!: number

  @json('What it rests on.')
  evidence!: Record<string, unknown>

  @instant('Since when it is right again (UTC).', { nullable: true })
  clearedAt!: Date | null

  @text('Why it is right again.', { nullable: true })
  clearedBecause!: string | null
}

/** The one issue of a kind that a shipment has. */
export const issueIdOf = (shipmentId: string, kind: Kind): string => externalId('sis', shipmentId, kind)

export const shipmentIssues = view(ShipmentIssue, {
  of: shipment,
  work: row => ({
    phase: row.state === 'OPEN' ? 'NEW' : 'DONE',
    title: inWords(row.kind),
    priority: RANK.IN_TURN,
    since: row.clearedAt ?? row.detectedAt,
    workspace: 'SHIPPING',
    becauseOf: row.kind,
  }),
  key: (event: StoredEvent) => issueIdOf(event.stream.id, event.data.kind),
  on: {
    ShipmentIssueDetected: ({ data, stream, occurredAt }, row) => ({
      shipmentId: stream.id,
      orderId: data.orderId ?? row?.orderId ?? null,
      kind: data.kind,
      state: ShipmentIssueState.OPEN,
      detectedAt: row?.state === 'OPEN' ? row.detectedAt : occurredAt,
      occurrences: (row?.occurrences ?? 0) + 1,
      evidence: data.evidence,
      clearedAt: null,
      clearedBecause: null,
    }),
    ShipmentIssueCleared: ({ data, occurredAt }) => ({
      state: ShipmentIssueState.CLEARED,
      clearedAt: occurredAt,
      clearedBecause: data.because,
    }),
  },
})
