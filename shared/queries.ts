import { Arg, Args, Ctx, FieldResolver, ID, Query, Root } from 'type-graphql'
import { connection, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, entityOf } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { resolverClass } from '#shared/resolver.js'

/** `order(id: ID!): Order`, for those who may read the type. */
export function lookup(type: Class): Class {
  const { name, allow } = entityOf(type)
  const description = `One ${name} by its id; null when it is not there or not yours.`
  return resolverClass([
    {
      name: name[0]!.toLowerCase() + name.slice(1),
      run: async (id: string, { loaders }: Context) => loaders.one(type, id),
      parameters: [Arg('id', () => ID, { description: 'Its global id.' }), Ctx()],
      decorators: [Query(() => type, { nullable: true, description }), Allow(...allow)],
    },
  ])
}

/**
 * A list on an entity: `edge(Checkout, 'orders', Order, 'checkoutId', '…')` adds `Checkout.orders`, the orders whose `checkoutId` is
 * it, newest first. Many parents cost one query. For those who may read the child.
 */
export function edge(
  parent: Class,
  name: string,
  child: Class,
  property: string,
  description: string,
): Class {
  return resolverClass(
    [
      {
        name,
        run: async ({ id }: { id: string }, page: PageArgs, { loaders }: Context) =>
          loaders.children(child, property, id, page),
        parameters: [Root(), Args(() => PageArgs), Ctx()],
        decorators: [
          FieldResolver(() => connection(child), { nullable: true, description }),
          Allow(...entityOf(child).allow),
        ],
      },
    ],
    parent,
  )
}
