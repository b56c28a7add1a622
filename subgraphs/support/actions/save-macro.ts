import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { DeskEvents, MacroShape } from '#shared/events/desk.js'
import { oneOf, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { macro, macroOf, requirePlaceholders } from '../desk/macro.js'
import { TicketCategory, TicketPriority, TicketStatus, TicketStatusReason } from '../enums.js'
import { LEADS } from '../staff.js'
import { reasonFor, requireReason } from '../status.js'
import { MAX_TAGS, tagsOf } from '../tags.js'
import { Macro } from '../views/macro.js'
import { MessageVisibility } from '../views/ticket-message.js'

@InputType('SaveMacroInput', { description: 'A prepared answer, all of it.' })
export class SaveMacroInput extends ActionInput {
  @text('Its name. One that is there already is changed.', { max: 80 })
  name!: string

  @oneOf(TicketCategory, 'For tickets of which category; left out: for any.', { nullable: true })
  category?: keyof typeof TicketCategory | null

  @oneOf(MessageVisibility, 'Who reads what it says. There is no default.')
  visibility!: keyof typeof MessageVisibility

  @text(
    'What it says: plain text, with {{ticket.number}}, {{ticket.subject}}, {{requester.name}}, {{account.name}}, {{agent.name}}.',
    { nullable: true, max: 20_000, multiline: true },
  )
  body?: string | null

  @oneOf(
    TicketStatus,
    'Where the ticket goes. RESOLVED wants a PUBLIC body; CLOSED is nothing for a macro.',
    {
      nullable: true,
    },
  )
  setStatus?: keyof typeof TicketStatus | null

  @oneOf(TicketStatusReason, 'Why it goes there.', { nullable: true })
  setStatusReason?: keyof typeof TicketStatusReason | null

  @oneOf(TicketPriority, 'How soon the ticket is due.', { nullable: true })
  setPriority?: keyof typeof TicketPriority | null

  @several(String, 'Tags that the ticket gets.', { nullable: true, max: MAX_TAGS })
  addTags?: string[] | null

  @several(String, 'Tags that it loses.', { nullable: true, max: MAX_TAGS })
  removeTags?: string[] | null

  @Field(() => Boolean, { defaultValue: true, description: 'It can be applied.' })
  isActive?: boolean
}

function statusOf({ setStatus, setStatusReason, visibility, body }: SaveMacroInput) {
  if (setStatus === 'CLOSED')
    refuse('INVALID', 'closeTicket looks whether a ticket may be closed.', 'setStatus')
  if (setStatus === 'RESOLVED' && (!body || visibility !== 'PUBLIC'))
    refuse('INVALID', 'A ticket is resolved with words that the customer reads.', 'body')
  if (!setStatus && setStatusReason) refuse('INVALID', 'A reason for which status?', 'setStatusReason')
  if (setStatus) requireReason(setStatus, setStatusReason, 'setStatusReason')
  return {
    setStatus: setStatus ?? null,
    setStatusReason: setStatus && setStatusReason ? reasonFor(setStatus, setStatusReason) : null,
  }
}

function shapeOf(input: SaveMacroInput): MacroShape {
  const { name, category = null, visibility, body = null, setPriority = null, isActive = true } = input
  requirePlaceholders(body)
  return {
    name,
    category,
    visibility,
    body,
    ...statusOf(input),
    setPriority,
    addTags: tagsOf(input.addTags ?? [], 'addTags'),
    removeTags: tagsOf(input.removeTags ?? [], 'removeTags'),
    isActive,
  }
}

const doesNothing = ({ body, setStatus, setPriority, addTags, removeTags }: MacroShape): boolean =>
  !body && !setStatus && !setPriority && addTags.length + removeTags.length === 0

/** C3, E5: consistent outcomes, as data that leads change. */
export const saveMacro = action({
  name: 'saveMacro',
  description: 'Writes a prepared answer, or changes it: what it says, and what becomes of the ticket.',
  input: SaveMacroInput,

  on: macro,
  target: input => macroOf(input.name),

  allow: LEADS,

  decide(_state, input): Draft<DeskEvents> {
    const data = shapeOf(input)
    if (doesNothing(data)) refuse('INVALID', 'Say what it says or does.', 'body')
    return { type: 'MacroSaved', data }
  },

  emits: ['MacroSaved'],
  returns: { macro: Macro },
})
