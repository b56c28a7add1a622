import type { Draft } from '#shared/aggregate.js'
import type { ClaimParty } from '#shared/events/claims.js'
import { Role } from '#shared/roles.js'
import type { ClaimState, ClaimStreamEvents } from './claim.js'

/** Who works on claims (E40, E50, E54). */
export const CLAIM_WORKERS: readonly Role[] = [
  Role.SUPPORT_AGENT,
  Role.SUPPORT_LEAD,
  Role.RISK_AGENT,
  Role.FINANCE_ADMIN,
]

type Template = 'CLAIM_OPENED' | 'EVIDENCE_WANTED' | 'CLAIM_ANSWERED' | 'CLAIM_RESOLVED'

/** Has buyer or seller told something, as far as one is known; carriers and the platform are not told. */
export function tell(
  { buyerId, sellerId, orderId }: Pick<ClaimState, 'buyerId' | 'sellerId' | 'orderId'>,
  parties: readonly ClaimParty[],
  template: Template,
  { claimId, ...facts }: { claimId: string } & Record<string, unknown>,
): Draft<ClaimStreamEvents>[] {
  const recipients: Partial<Record<ClaimParty, string | null>> = { BUYER: buyerId, SELLER: sellerId }
  return parties.flatMap(party => {
    const recipientId = recipients[party]
    if (!recipientId) return []
    const about = [claimId, orderId!]
    return [
      {
        type: 'NotificationRequested' as const,
        data: { recipientId, template, about, facts },
        refs: [recipientId, orderId!],
      },
    ]
  })
}
