import { Extensions, ObjectType } from 'type-graphql'
import type {
  ContextActivity as Activity,
  ContextSite as Site,
  TicketContext,
} from '#shared/events/support.js'
import { instant, part, parts, text } from '#shared/fields.js'

@ObjectType('ContextAccount', { description: 'An account, as it was when a ticket was opened (D20).' })
@Extensions({ value: true })
export class ContextAccount {
  @text('Its id: open it with node(id).')
  id!: string

  @text('Its name.', { nullable: true })
  name!: string | null

  @text('The tier of its plan.', { nullable: true })
  planTier!: string | null

  @text('How its bills stood.', { nullable: true })
  billingState!: string | null

  @instant('Since when that was known (UTC).', { nullable: true })
  billingAsOf!: Date | null
}

@ObjectType('ContextRequester', { description: 'Who asked, and how they like to be reached (D23).' })
@Extensions({ value: true })
export class ContextRequester {
  @text('Their id: open it with node(id).')
  id!: string

  @text('Their name.', { nullable: true })
  name!: string | null

  @text('Their address.', { nullable: true })
  email!: string | null

  @text('What they are in the account.', { nullable: true })
  role!: string | null

  @text('EMAIL, IN_APP or BOTH.', { nullable: true })
  contactPreference!: string | null
}

@ObjectType('ContextSite', {
  description: 'A site of the account, as it was when a ticket was opened (D21).',
})
@Extensions({ value: true })
export class ContextSite {
  @text('Its id: open it with node(id).')
  id!: string

  @text('Its short name.')
  slug!: string

  @text('Its name.')
  name!: string

  @text('Its address.', { nullable: true })
  url!: string | null
}

@ObjectType('ContextActivity', {
  description: 'Something that happened around the account within the day before (D22).',
})
@Extensions({ value: true })
export class ContextActivity {
  @text('The event: open it with node(id).')
  eventId!: string

  @text('What happened; docs/events.md lists them.')
  type!: string

  @instant('When (UTC).')
  at!: Date

  @text('In a line, for people.')
  summary!: string
}

@ObjectType('TicketContextSnapshot', {
  description:
    'What Opsgraph knew when a ticket was opened. Nobody who opens one can say or change it (D19).',
})
@Extensions({ value: true })
export class TicketContextSnapshot {
  @instant('When it was taken (UTC).')
  capturedAt!: Date

  @part(() => ContextAccount, 'The account.', { nullable: true })
  account!: TicketContext['account']

  @part(() => ContextRequester, 'Who asks.', { nullable: true })
  requester!: TicketContext['requester']

  @parts(() => ContextSite, 'Sites of the account; the one in which they were working first.')
  sites!: Site[]

  @parts(
    () => ContextActivity,
    'What happened around them before, newest first: for customers, what they did themselves.',
  )
  activity!: Activity[]
}
