import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, oneOf, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { investigation, requireOpen } from '../investigation.js'
import { SHIPPERS } from '../shippers.js'
import { InvestigationOutcome, ShipmentInvestigation } from '../views/shipment-investigation.js'

@InputType('ConcludeShipmentInvestigationInput', { description: 'What became of the parcel.' })
export class ConcludeShipmentInvestigationInput extends ActionInput {
  @given('ShipmentInvestigation', 'The investigation.')
  investigationId!: string

  @oneOf(InvestigationOutcome, 'What became of it.')
  outcome!: keyof typeof InvestigationOutcome

  @text('What was found out, in words.', { nullable: true, max: 4000, multiline: true })
  summary?: string | null
}

/** E48: once every step was done, or said not to be needed. */
export const concludeShipmentInvestigation = action({
  name: 'concludeShipmentInvestigation',
  description: 'Ends an investigation with what became of the parcel, when no step is open any more.',
  input: ConcludeShipmentInvestigationInput,

  on: investigation,
  target: input => input.investigationId,
  allow: SHIPPERS,

  decide(state, { outcome, summary }) {
    requireOpen(state)
    const open = Object.keys(state.steps).filter(step => state.steps[step] === 'OPEN')
    if (open.length)
      refuse(
        'INVALID_STATE',
        'Steps are open still: do them, or say that they are not needed.',
        'investigationId',
        {
          open,
        },
      )
    return {
      type: 'ShipmentInvestigationConcluded',
      data: { outcome },
      ...(summary && { personal: { summary } }),
      refs: [state.shipmentId, state.orderId],
    }
  },

  emits: ['ShipmentInvestigationConcluded'],
  returns: { investigation: ShipmentInvestigation },
})
