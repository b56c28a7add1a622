import { Extensions, Field, ObjectType } from 'type-graphql'
import type { Clock } from '#shared/calendar.js'
import type { SlaPromise } from '#shared/events/sla.js'
import { DateTime } from '#shared/scalars.js'
import { isOver, type SlaCycle } from './sla.js'

@ObjectType('ExpectedReply', { description: 'When staff first reply, as published (E102).' })
@Extensions({ value: true })
export class ExpectedReply {
  @Field(() => DateTime, { description: 'By then at the latest (UTC); when it is past, it is overdue.' })
  by!: Date

  @Field(() => String, {
    description:
      'What is promised in words, as publishedSupportExpectations has it; with the terms of this ticket.',
  })
  text!: string
}

const CLOCKS: Record<Clock['kind'], (clock: Clock) => string> = {
  CALENDAR: () => 'hours',
  BUSINESS_DAYS: () => 'hours on business days (Monday to Friday without holidays, all day, UTC)',
  BUSINESS_HOURS: ({ opens, closes, timeZone }) =>
    `working hours (Monday to Friday without holidays, ${opens} to ${closes}, ${timeZone})`,
}

/** What is promised, for customers. */
export function wordsOf({ hours, urgentHours, clock }: SlaPromise): string {
  const urgent = Math.min(hours, urgentHours)
  const sooner = urgent < hours ? `, and within ${urgent} when it is urgent` : ''
  return (
    `Somebody of support first replies within ${hours} ${CLOCKS[clock.kind](clock)}${sooner}. ` +
    'While we wait for you, this time stands still. We solve what you write about as soon as we can; how long that takes we do not promise.'
  )
}

/** By when a customer has a first reply, by what they may know of the ticket; null: nobody owes them one. */
export function expectedReplyOf(ticket: {
  slaCycles: readonly SlaCycle[]
  slaShown: SlaCycle | null
}): ExpectedReply | null {
  const timer = ticket.slaShown ?? ticket.slaCycles.at(-1)
  if (!timer || isOver(timer) || timer.dueAt === null) return null
  return { by: new Date(timer.dueAt), text: wordsOf(timer.promise) }
}
