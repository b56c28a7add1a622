import type { ShipmentIssueKind } from '#shared/events/shipping.js'
import { labelStateOf, MOVING, type ShipmentState } from './shipment.js'

/** What an issue rests on. */
export type Evidence = Record<string, unknown>

/** What should be wrong with a shipment by what is known of it, and why what is not wrong is not. */
type Verdict = { evidence: Evidence } | { because: string }

function labelFailed({ purchase, facts, issues }: ShipmentState): Verdict {
  const labelState = labelStateOf({ purchase, facts })
  if (labelState === 'PURCHASED') return { because: 'It has a label.' }
  if (labelState === 'NONE') return { because: 'No purchase failed.' }
  const held = issues.LABEL_PURCHASE_FAILED
  // While another try is under way it is not right yet, and not newly wrong either.
  if (labelState !== 'FAILED') return held ? { evidence: held } : { because: 'A label is being bought.' }
  return {
    evidence: {
      attempts: purchase.attempt,
      code: purchase.code,
      // What the carrier said of the address is personal; the code tells enough.
      error: purchase.attempt ? null : facts.labelError,
      service: purchase.service ?? facts.service,
      by: purchase.by ?? 'marketplace',
    },
  }
}

function addressInvalid({ facts, purchase }: ShipmentState): Verdict {
  if (facts.status === 'DELIVERED') return { because: 'It was delivered.' }
  if (!facts.hasAddressProblem) return { because: 'The address was mended, or the carrier took it.' }
  return { evidence: { status: facts.status, labelState: labelStateOf({ facts, purchase }) } }
}

function notReceived({ facts, reports }: ShipmentState): Verdict {
  if (facts.status !== 'DELIVERED') return { because: 'The carrier no longer says that it was delivered.' }
  if (reports.length === 0) return { because: 'Nobody misses it any more.' }
  const { deliveredAt, carrierStatus, trackingNumber } = facts
  return { evidence: { reports, deliveredAt, carrierStatus, trackingNumber } }
}

/** Only time makes tracking stale; what ends it is that something was heard. */
function stale({ facts, seenAt, issues }: ShipmentState): Verdict {
  const held = issues.TRACKING_STALE
  if (!MOVING.includes(facts.status)) return { because: `It is ${facts.status}.` }
  return held && held.lastSeenAt === seenAt ? { evidence: held } : { because: 'It was seen again.' }
}

/** E45: what makes tracking stale, once the policy's days have passed. */
export const staleEvidence = ({ facts, seenAt }: ShipmentState, days: number): Evidence => ({
  lastSeenAt: seenAt,
  staleDays: days,
  status: facts.status,
  carrierStatus: facts.carrierStatus,
  trackingNumber: facts.trackingNumber,
})

const JUDGES: Record<ShipmentIssueKind, (state: ShipmentState) => Verdict> = {
  LABEL_PURCHASE_FAILED: labelFailed,
  ADDRESS_INVALID: addressInvalid,
  TRACKING_STALE: stale,
  DELIVERED_NOT_RECEIVED: notReceived,
}

export type Change =
  | { action: 'detectShipmentIssue'; kind: ShipmentIssueKind; evidence: Evidence }
  | { action: 'clearShipmentIssue'; kind: ShipmentIssueKind; because: string }

/** E42 to E45: what has to be detected or cleared, so that a shipment's issues are what its state says. */
export function changesOf(state: ShipmentState): Change[] {
  return (Object.keys(JUDGES) as ShipmentIssueKind[]).flatMap((kind): Change[] => {
    const verdict = JUDGES[kind](state)
    if ('evidence' in verdict) return [{ action: 'detectShipmentIssue', kind, evidence: verdict.evidence }]
    return state.issues[kind] ? [{ action: 'clearShipmentIssue', kind, because: verdict.because }] : []
  })
}
