import { Ctx, FieldResolver, InputType, Resolver, Root } from 'type-graphql'
import type { Context } from '#shared/context.js'
import { given } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { listOf, lookup } from '#shared/queries.js'
import { EVENT_READERS } from '../audience.js'
import { Event } from '../events/event.js'
import { eventById } from '../events/read.js'
import { AuditSlice } from './audit-slice.js'

@InputType('AuditSlicesFilter', { description: 'Which slices.' })
export class AuditSlicesFilter {
  @given('Node', 'Those that were made for this ticket or handover.', { nullable: true })
  attachedToId?: string | null
}

@Resolver(() => AuditSlice)
export class AuditSliceFields {
  @FieldResolver(() => [Event], {
    nullable: true,
    description: 'The first 100 of its events, oldest first, without those that are not yours to see.',
  })
  @Allow(...EVENT_READERS)
  async events(@Root() { eventIds }: AuditSlice, @Ctx() context: Context): Promise<Event[]> {
    const found = await Promise.all(eventIds.slice(0, 100).map(id => eventById(id, context)))
    return found.filter(event => event !== null)
  }

  @FieldResolver(() => Boolean, {
    description: 'The log still has each of these events with the hash that was frozen.',
  })
  async isIntact(@Root() { eventIds, hashes }: AuditSlice, @Ctx() { db }: Context): Promise<boolean> {
    const [row] = await db.query(
      `select count(*)::int as n from unnest($1::bigint[], $2::text[]) f(id, hash)
       join log.event e on e.id = f.id and encode(e.hash, 'hex') = f.hash`,
      [eventIds.map(id => id.replace('evt_', '')), hashes],
    )
    return row.n === eventIds.length
  }
}

export const sliceQueries = [
  listOf({
    name: 'auditSlices',
    type: AuditSlice,
    description: 'Slices of the log, newest first.',
    filter: AuditSlicesFilter,
  }),
  AuditSliceFields,
  lookup(AuditSlice),
]
