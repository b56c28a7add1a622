import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { addBusinessHours } from '#shared/calendar.js'
import type { Caller } from '#shared/context.js'
import { given } from '#shared/fields.js'
import { policyValue } from '#shared/policies.js'
import { refuse } from '#shared/refusal.js'
import { investigation, STEPS } from '../investigation.js'
import { SHIPPERS } from '../shippers.js'
import { ShipmentInvestigation } from '../views/shipment-investigation.js'

@InputType('StartShipmentInvestigationInput', { description: 'Which parcel to look into.' })
export class StartShipmentInvestigationInput extends ActionInput {
  @given('Shipment', 'The parcel.')
  shipmentId!: string
}

interface Read {
  orderId: string | null
  /** The investigation that is under way already. */
  open: string | null
  dueAt: Date
}

/** Holds the parcel's row until it ends, so that two who begin at once are one after the other. */
async function read(
  { shipmentId }: StartShipmentInvestigationInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Read> {
  const [parcel] = await tx.query('select order_id from orders.shipment where id = $1 for update', [
    shipmentId,
  ])
  const [open] = await tx.query(
    `select id from orders.shipment_investigation where shipment_id = $1 and state = 'OPEN'`,
    [shipmentId],
  )
  const now = services.clock()
  const hours = await policyValue(tx, 'shipping.investigationDueHours', now)
  const holidays = await policyValue(tx, 'calendar.holidays', now)
  return {
    orderId: parcel?.order_id ?? null,
    open: open?.id ?? null,
    dueAt: addBusinessHours(now, hours as number, holidays as readonly string[]),
  }
}

/** E48: steps, a due date in business hours, and an outcome. */
export const startShipmentInvestigation = action({
  name: 'startShipmentInvestigation',
  description: 'Begins to look into what became of a parcel: five steps, due in business hours.',
  input: StartShipmentInvestigationInput,
  risk: 'SENSITIVE',
  reasons: {
    NOT_RECEIVED: 'The buyer says that it never came.',
    TRACKING_STALE: 'It is not scanned any more.',
    DAMAGED: 'It arrived broken.',
    WRONG_ADDRESS: 'It went to the wrong place.',
    RETURNED: 'It came back.',
  },

  on: investigation,
  prepare: read,

  allow: SHIPPERS,

  decide(_nothing, { shipmentId }, { read: { orderId, open, dueAt } }) {
    if (orderId === null) refuse('NOT_FOUND', 'There is no such shipment.', 'shipmentId')
    if (open)
      refuse('ALREADY_EXISTS', 'It is being looked into already.', 'shipmentId', { investigationId: open })
    return {
      type: 'ShipmentInvestigationStarted',
      data: { shipmentId, orderId, steps: [...STEPS], dueAt: dueAt.toISOString() },
      refs: [orderId],
    }
  },

  emits: ['ShipmentInvestigationStarted'],
  returns: { investigation: ShipmentInvestigation },
})
