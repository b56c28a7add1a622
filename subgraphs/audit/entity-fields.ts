import { Arg, Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { mayRead, readCatalog } from '#shared/catalog.js'
import { PAGE, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { Class } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { forbidden } from '#shared/refusal.js'
import { READERS } from '#shared/roles.js'
import { EventConnection } from './events/event.js'
import { timelineOf } from './events/read.js'
import { EntityLink, linksOf } from './links.js'
import { ENTITIES, type EntityName } from './stubs.js'

/** Who may not read a type may not read what happened to it either: these fields are reached without its owner being asked. */
function checkReadable(name: EntityName, field: string, { identity }: Context): void {
  if (!mayRead(identity, name)) throw forbidden(`${name}.${field}`, readCatalog().entities[name]?.allow ?? [])
}

/** The fields that audit adds to one type of entity. */
function fieldsFor(name: EntityName, type: Class<{ id: string }>): Class {
  @Resolver(() => type)
  class EntityFields {
    @FieldResolver(() => EventConnection, {
      nullable: true,
      description: 'What happened to it or mentions it, newest first (E32).',
    })
    @Allow(...READERS)
    async timeline(
      @Root() { id }: { id: string },
      @Args(() => PageArgs) page: PageArgs,
      @Arg('types', () => [String], {
        nullable: true,
        description: 'Only events of these types, e.g. RefundIssued.',
      })
      types: string[] | null,
      @Ctx() context: Context,
    ) {
      checkReadable(name, 'timeline', context)
      return timelineOf([id], { ...page, types }, context)
    }

    @FieldResolver(() => [EntityLink], {
      nullable: true,
      description: 'What it has to do with, every kind of link in turn (E31).',
    })
    @Allow(...READERS)
    async links(
      @Root() { id }: { id: string },
      @Arg('first', () => Int, { defaultValue: PAGE, description: 'How many, at most 100.' }) first: number,
      @Ctx() context: Context,
    ) {
      checkReadable(name, 'links', context)
      return linksOf(id, first, context)
    }
  }
  return EntityFields
}

/** Timeline and links of every type of entity. */
export const ENTITY_FIELDS: readonly Class[] = [...ENTITIES].map(([name, type]) => fieldsFor(name, type))
