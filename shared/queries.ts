import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { connection, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, entityOf } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'

const lower = (name: string) => name[0]!.toLowerCase() + name.slice(1)

/** `order(id: ID!): Order`, for those who may read the type. */
export function lookup(type: Class): Class {
  const { name: typeName, allow } = entityOf(type)
  const name = lower(typeName)
  class Lookup {}
  const method = async (id: string, { loaders }: Context) => loaders.one(type, id)
  const descriptor = { value: method, configurable: true }
  Object.defineProperty(Lookup.prototype, name, descriptor)
  Resolver()(Lookup)
  Arg('id', () => ID, { description: 'Its global id.' })(Lookup.prototype, name, 0)
  Ctx()(Lookup.prototype, name, 1)
  Query(() => type, { name, nullable: true, description: `One ${typeName} by its id; null when it is not there or not yours.` })(
    Lookup.prototype,
    name,
    descriptor,
  )
  Allow(...allow)(Lookup.prototype, name, descriptor)
  return Lookup
}

/**
 * A list on an entity: `edge(Checkout, 'orders', Order, 'checkoutId', '…')` adds `Checkout.orders`, the orders whose `checkoutId` is
 * it, newest first. Many parents cost one query. For those who may read the child.
 */
export function edge(parent: Class, name: string, child: Class, property: string, description: string): Class {
  class Edge {}
  const method = async ({ id }: { id: string }, page: PageArgs, { loaders }: Context) => loaders.children(child, property, id, page)
  const descriptor = { value: method, configurable: true }
  Object.defineProperty(Edge.prototype, name, descriptor)
  Resolver(() => parent)(Edge)
  Root()(Edge.prototype, name, 0)
  Args(() => PageArgs)(Edge.prototype, name, 1)
  Ctx()(Edge.prototype, name, 2)
  FieldResolver(() => connection(child), { nullable: true, description })(Edge.prototype, name, descriptor)
  Allow(...entityOf(child).allow)(Edge.prototype, name, descriptor)
  return Edge
}
