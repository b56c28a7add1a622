import { Extensions, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql'
import { connection, type Page } from '#shared/connection.js'
import { Allow } from '#shared/permissions.js'
import { READERS } from '#shared/roles.js'
import type { Counted } from '../facets.js'
import { Ticket } from '../views/ticket.js'

@ObjectType('TicketFacet', { description: 'How many tickets of a list have the same value.' })
@Extensions({ value: true })
export class TicketFacet {
  @Field(() => String, { nullable: true, description: 'The value, e.g. OPEN; an id for queues; null: none.' })
  value!: string | null

  @Field(() => Int, { description: 'How many.' })
  count!: number
}

@ObjectType('TicketFacets', {
  description: 'How the tickets of a whole list divide (C1), over what its filter takes; the most first.',
})
@Extensions({ value: true })
export class TicketFacets {
  @Field(() => [TicketFacet], { description: 'By where they stand.' })
  status!: TicketFacet[]

  @Field(() => [TicketFacet], { description: 'By how soon they are due.' })
  priority!: TicketFacet[]

  @Field(() => [TicketFacet], { description: 'By what they are about.' })
  category!: TicketFacet[]

  @Field(() => [TicketFacet], { nullable: true, description: 'By the queue in which they lie, by id.' })
  @Allow(...READERS)
  queue!: TicketFacet[] | null
}

@Resolver(() => connection(Ticket))
class TicketConnectionFields {
  @FieldResolver(() => TicketFacets, {
    nullable: true,
    description: 'How the whole list divides, whatever page this is; null where a list is not filtered.',
  })
  async facets(@Root() page: Page<Ticket> & Partial<Counted>): Promise<TicketFacets | null> {
    return (await page.facetsOf?.()) ?? null
  }
}

export const facetQueries = [TicketConnectionFields]
