import { Row } from '#shared/entity.js'
import type {
  TicketCategory as Category,
  TicketPriority as Priority,
  TicketStatus as Status,
  TicketStatusReason as StatusReason,
  MessageVisibility as Visibility,
} from '#shared/events/support.js'
import { entity, flag, oneOf, ref, several, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { macro } from '../desk/macro.js'
import { TicketCategory, TicketPriority, TicketStatus, TicketStatusReason } from '../enums.js'
import { StaffMember } from '../stubs.js'
import { MessageVisibility } from './ticket-message.js'

@entity('Macro', {
  description: 'A prepared answer, with what becomes of the ticket (E5).',
  allow: READERS,
  schema: 'support',
  prefix: 'mac',
})
export class Macro extends Row {
  @text('Its name; no two alike.', { find: IdentifierKind.NAME })
  name!: string

  @oneOf(TicketCategory, 'For tickets of which category; null: for any.', { nullable: true })
  category!: Category | null

  @oneOf(MessageVisibility, 'Who reads what it says.')
  visibility!: Visibility

  @text('What it says, with placeholders such as {{requester.name}}; null: nothing.', {
    nullable: true,
    multiline: true,
  })
  body!: string | null

  @oneOf(TicketStatus, 'Where the ticket goes; null: it stays.', { nullable: true })
  setStatus!: Status | null

  @oneOf(TicketStatusReason, 'Why it goes there.', { nullable: true })
  setStatusReason!: StatusReason | null

  @oneOf(TicketPriority, 'How soon the ticket is due; null: as before.', { nullable: true })
  setPriority!: Priority | null

  @several(String, 'Tags that the ticket gets.')
  addTags!: string[]

  @several(String, 'Tags that it loses.')
  removeTags!: string[]

  @flag('It can be applied.')
  isActive!: boolean

  @ref(() => StaffMember, 'Who saved it last.', { as: 'savedBy' })
  savedById!: string
}

export const macros = view(Macro, {
  of: macro,
  on: { MacroSaved: ({ data, actor }) => ({ ...data, savedById: actor.id }) },
})
