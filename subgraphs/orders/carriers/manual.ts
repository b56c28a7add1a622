import type { Carrier, Located } from './carrier.js'

/** The default: people buy labels and enter them; where a parcel is, is what was last recorded. */
export const manual: Carrier = {
  name: 'manual',
  labels: null,
  untraceable: () => [],
  async locate({ state: { facts, seenAt }, updatedAt }): Promise<Located> {
    return {
      outcome: 'LOCATED',
      carrier: facts.carrier ?? 'manual',
      status: facts.status,
      carrierStatus: facts.carrierStatus,
      lastScanAt: facts.lastScanAt,
      deliveredAt: facts.deliveredAt,
      evidence: {
        from: 'what was last recorded',
        seenAt,
        recordedAt: updatedAt.toISOString(),
        trackingNumber: facts.trackingNumber,
      },
    }
  },
}
