import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { given } from '#shared/fields.js'
import { CHANGE_EMITS, type ChangeGround, decideChange, readChange, stepsOf } from '../change.js'
import { changeOf, readMacro, requireUsable, valuesFor } from '../desk/macro.js'
import { writtenBy } from '../messages.js'
import { WORKERS } from '../staff.js'
import { ticket } from '../ticket.js'
import { Ticket } from '../views/ticket.js'
import { TicketMessage } from '../views/ticket-message.js'

@InputType('ApplyMacroInput', { description: 'Which macro to apply to which ticket.' })
export class ApplyMacroInput extends ActionInput {
  @given('Ticket', 'The ticket.')
  ticketId!: string

  @given('Macro', 'The macro; previewMacro shows what it would do.')
  macroId!: string
}

/** What a macro does to a ticket, step by step; also for a preview. */
export async function macroSteps(
  { ticketId, macroId }: Pick<ApplyMacroInput, 'ticketId' | 'macroId'>,
  tx: EntityManager,
  caller: Caller,
): Promise<ChangeGround> {
  const values = await valuesFor(tx, ticketId, caller.identity.personId)
  const shape = await readMacro(tx, macroId)
  const steps = () => {
    requireUsable(shape, values)
    return stepsOf(ticketId, changeOf(shape, values))
  }
  return readChange(steps, tx, caller)
}

/** C3, E5: as if each of the ordinary actions were done, one after the other; all of them, or none. */
export const applyMacro = action({
  name: 'applyMacro',
  description:
    'Applies a prepared answer to a ticket: says what it says and changes what it changes, as the ordinary actions would, or not at all.',
  input: ApplyMacroInput,

  on: ticket,
  target: input => input.ticketId,
  prepare: macroSteps,

  allow: WORKERS,

  decide: (state, _input, facts) => decideChange(state, facts).drafts,

  emits: [...CHANGE_EMITS],
  returns: { ticket: Ticket, message: { type: TicketMessage, id: writtenBy } },
})
