import { Extensions, Field, ID, ObjectType } from 'type-graphql'
import { UserError } from '#shared/action-schema.js'
import { states } from '#shared/states.js'
import { Ticket } from '../views/ticket.js'

export const OnError = states('BulkErrorPolicy', 'What to do when one ticket of many is refused.', {
  STOP: 'Stop there; what was done stays done.',
  CONTINUE: 'Go on with the others.',
})

export const BulkOutcome = states('BulkOutcome', 'What became of one ticket of many.', {
  DONE: 'It was changed.',
  UNCHANGED: 'It was so already.',
  REFUSED: 'It was not changed; userErrors says why.',
  SKIPPED: 'Nobody tried: another one was refused before, or time was up. Say it again with the same key.',
})

@ObjectType('BulkTicketResult', { description: 'What became of one ticket of many.' })
@Extensions({ value: true })
export class BulkTicketResult {
  @Field(() => ID, { description: 'The ticket.' })
  ticketId!: string

  @Field(() => BulkOutcome, { description: 'What became of it.' })
  outcome!: keyof typeof BulkOutcome

  @Field(() => Ticket, { nullable: true, description: 'The ticket as it is now, or in a dry run would be.' })
  ticket!: Ticket | null

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[]
}
