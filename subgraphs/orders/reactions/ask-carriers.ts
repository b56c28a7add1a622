import type { EntityManager } from 'typeorm'
import type { Act } from '#shared/act.js'
import type { StoredEvent } from '#shared/event.js'
import { type Calling, reaction } from '#shared/reaction.js'
import type { Failed, Located } from '../carriers/carrier.js'
import { configuredCarrier } from '../carriers/index.js'
import { readParcel } from '../carriers/known-parcel.js'

/** So often a carrier that does not answer is asked, within twelve minutes. */
const PATIENCE = 5

const UNAVAILABLE: Failed = {
  outcome: 'FAILED',
  code: 'CARRIER_UNAVAILABLE',
  message: 'The carrier does not answer; ask again later.',
  cause: 'OTHER',
  carrierMessage: null,
}

const UNTRACEABLE: Failed = {
  ...UNAVAILABLE,
  code: 'NO_TRACKING_NUMBER',
  message: 'There is no tracking number to ask the carrier for.',
}

/**
 * E70: asks the carrier where a parcel is. For a reaction's `call`: it throws what is undetermined, so that it is asked again; from the
 * fifth attempt on that the carrier does not answer is the answer. Null when there is no such shipment.
 */
export async function askCarrier(
  shipmentId: string,
  { db, services, attempt, signal }: Pick<Calling, 'db' | 'services' | 'attempt' | 'signal'>,
): Promise<Located | Failed | null> {
  const parcel = await readParcel(db, shipmentId)
  if (!parcel) return null
  const carrier = configuredCarrier(services)
  if (carrier.untraceable(parcel).length) return UNTRACEABLE
  try {
    return await carrier.locate(parcel, signal)
  } catch (error) {
    if (attempt < PATIENCE) throw error
    return UNAVAILABLE
  }
}

/** E70: writes what the carrier answered on the shipment, as evidence; for a reaction's `run`. */
export async function noteAnswer(
  act: Act,
  answer: Located | Failed,
  about: { by: string; shipmentId: string; workflowId: string | null; tx: EntityManager; event: StoredEvent },
): Promise<void> {
  const { by: name, shipmentId, workflowId, ...because } = about
  if (answer.outcome === 'FAILED') {
    const { code, message } = answer
    await act('noteCarrierSilence', { shipmentId, workflowId, carrier: name, code, message }, because)
    return
  }
  const { outcome: _, lastScanAt, deliveredAt, ...said } = answer
  const input = {
    shipmentId,
    workflowId,
    ...said,
    lastScanAt: lastScanAt && new Date(lastScanAt),
    deliveredAt: deliveredAt && new Date(deliveredAt),
  }
  await act('noteCarrierStatus', input, because)
}

/** E70: the question of confirmCarrierStatus, carried to the carrier. */
export const askCarriers = reaction<Act, Located | Failed | null>({
  name: 'askCarriers',
  on: ['CarrierStatusRequested'],
  call: calling => askCarrier(calling.event.stream.id, calling),
  async run({ event, tx, act, services, answer }) {
    if (!answer) return
    await noteAnswer(act, answer, {
      by: configuredCarrier(services).name,
      shipmentId: event.stream.id,
      workflowId: event.data.workflowId,
      tx,
      event,
    })
  },
})
