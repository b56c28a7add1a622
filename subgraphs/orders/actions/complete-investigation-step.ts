import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { flag, given, oneOf, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { investigation, requireOpen, type StepName } from '../investigation.js'
import { SHIPPERS } from '../shippers.js'
import { InvestigationStepName, ShipmentInvestigation } from '../views/shipment-investigation.js'

@InputType('CompleteInvestigationStepInput', { description: 'What was found out.' })
export class CompleteInvestigationStepInput extends ActionInput {
  @given('ShipmentInvestigation', 'The investigation.')
  investigationId!: string

  @oneOf(InvestigationStepName, 'Which step.')
  step!: StepName

  @text('What was found out, or why it was not needed.', { max: 4000, multiline: true })
  finding!: string

  @flag('It was not needed.', { default: false })
  skipped!: boolean
}

/** E48. */
export const completeInvestigationStep = action({
  name: 'completeInvestigationStep',
  description: 'Says what a step of an investigation found out, or that it was not needed.',
  input: CompleteInvestigationStepInput,

  on: investigation,
  target: input => input.investigationId,
  allow: SHIPPERS,

  decide(state, { step, finding, skipped }) {
    requireOpen(state)
    const { shipmentId, orderId, steps } = state
    const stands = steps[step]
    if (stands !== 'OPEN')
      refuse('INVALID_STATE', stands ? 'This step was done already.' : 'It has no such step.', 'step', {
        steps,
      })
    return {
      type: 'ShipmentInvestigationStepDone',
      data: { step, ...(skipped && { skipped }) },
      personal: { finding },
      refs: [shipmentId, orderId],
    }
  },

  emits: ['ShipmentInvestigationStepDone'],
  returns: { investigation: ShipmentInvestigation },
})
