import { addBusinessHours } from '#shared/calendar.js'
import { newId } from '#shared/id.js'
import { policyValue } from '#shared/policies.js'
import { refuse } from '#shared/refusal.js'
import { openClaimOf } from '../claim-of-order.js'
import { awaited } from '../workflow.js'
import { type Definition, done, end, type Said, type Step, skip, type Working, wait } from './engine.js'
import { notification, orderOf } from './parts.js'

/** What the carrier's word means for a parcel that a buyer misses. */
const CLAIMABLE: Readonly<Record<string, string>> = {
  LOST: 'The carrier gave the parcel up.',
  RETURNED: 'The parcel went back to its sender.',
}

const confirm: Step = {
  name: 'CONFIRM_CARRIER_STATUS',
  description: 'Asks the carrier where the parcel is. Ends here when it is still on its way.',
  on: ['CarrierStatusConfirmed', 'CarrierStatusNotConfirmed'],
  async run({ id, facts, act }) {
    await act('confirmCarrierStatus', { shipmentId: facts.shipmentId, workflowId: id })
    return wait('CarrierStatusConfirmed')
  },
  async look({ id, event }) {
    if (event.data.workflowId !== id) return null
    if (event.type === 'CarrierStatusNotConfirmed')
      refuse('CARRIER_UNSURE', `The carrier could not say: ${event.data.message}`)
    const { status, deliveredAt, lastScanAt } = event.data
    const carrier = { status, deliveredAt, lastScanAt, confirmedBy: `evt_${event.id}` }
    if (status === 'DELIVERED' || CLAIMABLE[status]) return done(status, { carrier })
    const since = lastScanAt ? `, seen last at ${lastScanAt}` : ''
    return end(`${status}${since}: not delivered yet. Wait, or startShipmentInvestigation.`)
  },
}

/** Whom to ask for what, when the carrier says that it was delivered. */
const ASKED = [
  {
    from: 'BUYER',
    kind: 'STATEMENT',
    instructions: 'Say where you looked for the parcel, and whom you asked.',
  },
  { from: 'SELLER', kind: 'PROOF_OF_DELIVERY', instructions: 'Show that the parcel was handed over.' },
] as const

const collect: Step = {
  name: 'COLLECT_EVIDENCE',
  description: 'Asks buyer and seller for evidence and waits: until all came, its due date, or a decision.',
  on: ['EvidenceSatisfied', 'EvidenceWaived'],
  async run(working) {
    const { facts, tx, now } = working
    const because = CLAIMABLE[facts.carrier.status]
    if (because) return skip(because)
    const dueAt = addBusinessHours(
      now,
      await policyValue(tx, 'claim.evidenceDueHours', now),
      await policyValue(tx, 'calendar.holidays', now),
    )
    return wait('EvidenceSatisfied', dueAt, await requests(working, dueAt.toISOString()))
  },
  async look({ step, now, workflow: { requirements } }) {
    const open = awaited(requirements).length
    if (open === 0) return done('All of it came.')
    const due = step.dueAt !== null && new Date(step.dueAt) <= now
    return due ? done(`${requirements.length - open} of ${requirements.length} came in time.`) : null
  },
}

async function requests(working: Working, dueAt: string): Promise<Said[]> {
  const { id, orderId } = working
  const { buyerId, sellerId } = await orderOf(working)
  return ASKED.flatMap(({ from, kind, instructions }): Said[] => {
    const recipient = from === 'BUYER' ? buyerId : sellerId
    if (!recipient) return []
    const requirementId = newId('evr')
    return [
      {
        type: 'EvidenceRequested',
        data: { requirementId, kind, from, dueAt },
        personal: { instructions },
        refs: [recipient],
      },
      notification(recipient, 'EVIDENCE_WANTED', orderId, { workflowId: id, requirementId, kind, dueAt }),
    ]
  })
}

/** E71: risk decides on a hold; whoever handles the case may say that none is needed. */
const hold: Step = {
  name: 'RISK_HOLD',
  description: "Waits for risk to hold the seller's payouts, or for a person to say that it takes none.",
  on: ['PayoutHeld'],
  async run({ tx, facts }) {
    if (CLAIMABLE[facts.carrier.status]) return skip(CLAIMABLE[facts.carrier.status]!)
    if (!facts.sellerId) return skip('It is not known who sold it.')
    // Risk may have acted while evidence was collected.
    const [held] = await tx.query(
      `select e.stream_id as id from log.event e
       join log.event_ref r on r.event_id = e.id and r.ref = $1
       where e.type = 'PayoutHeld' and e.stream_type = 'PayoutHold' and e.at >= $2 order by e.id desc limit 1`,
      [facts.sellerId, facts.startedAt],
    )
    return held ? done(held.id, { holdId: held.id }) : wait('PayoutHeld')
  },
  async look({ event, facts }) {
    if (event.type !== 'PayoutHeld' || event.data.organizationId !== facts.sellerId) return null
    return done(event.stream.id, { holdId: event.stream.id })
  },
}

const claim: Step = {
  name: 'OPEN_CLAIM',
  description: 'Opens the claim, with what the carrier said and what the parties brought.',
  async run({ id, orderId, facts, workflow: { requirements }, tx, act }) {
    const open = await openClaimOf(tx, orderId)
    if (open) return done(`${open.claimId} was opened meanwhile; look there.`, { claimId: open.claimId })
    const { rows } = await act('openClaimWithin', {
      orderId,
      kind: 'NOT_RECEIVED',
      workflowId: id,
      summary: `The buyer says that it never came. The carrier says ${facts.carrier.status}.`,
      evidence: requirements,
    })
    const claimId = (rows.claim as { id: string } | null)?.id ?? null
    return done(claimId, { claimId })
  },
}

/** E70, E71. */
export const notReceivedSteps: Definition = {
  kind: 'NOT_RECEIVED',
  description: 'A parcel never came, says the buyer: asks the carrier, then the parties, then opens a claim.',
  steps: [confirm, collect, hold, claim],
}
