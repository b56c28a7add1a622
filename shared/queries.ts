import { Arg, Args, Ctx, FieldResolver, ID, Query, Root } from 'type-graphql'
import { connection, PageArgs } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Class, entityOf, fieldsIn, snake } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { type Access, Allow } from '#shared/permissions.js'
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
 * it, newest first. Many parents cost one query. For those who may read the child, unless said otherwise.
 */
export function edge(
  parent: Class,
  name: string,
  child: Class,
  property: string,
  description: string,
  allow: readonly Access[] = entityOf(child).allow,
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
          Allow(...allow),
        ],
      },
    ],
    parent,
  )
}

const EVERYTHING: Filter = { where: 'true', values: [] }

/** A root list of an entity. */
interface ListSpec<T, F> {
  name: string
  type: Class<T>
  description: string
  /** The input by which it is narrowed, as its argument `filter`; none: the list has no such argument. */
  filter?: Class<F>
  /** Which rows; the filter has no fields when nobody gave one. Left out: each field given is what the column of its name holds. */
  where?: (filter: Partial<F>, context: Context) => Filter | Promise<Filter>
  /** For others than those who may read the type. */
  allow?: readonly Access[]
}

/** `strikes(first, after, filter): StrikeConnection`: newest first, as `description` should say. */
export function listOf<T, F extends object>(spec: ListSpec<T, F>): Class {
  const { name, type, description, filter, allow = entityOf(type).allow } = spec
  const wanted = spec.where ?? (filter ? equalTo(filter) : () => EVERYTHING)
  return resolverClass([
    {
      name,
      run: async (page: PageArgs, context: Context, given: F | null | undefined) =>
        context.loaders.list(type, await wanted(given ?? {}, context), page),
      parameters: [
        Args(() => PageArgs),
        Ctx(),
        ...(filter ? [Arg('filter', () => filter, { nullable: true, description: 'Which ones.' })] : []),
      ],
      decorators: [Query(() => connection(type), { description }), Allow(...allow)],
    },
  ])
}

const equalTo =
  <F extends object>(filter: Class<F>) =>
  (given: Partial<F>): Filter =>
    where(
      ...fieldsIn(filter).map(({ property }): [string, unknown] => [
        `${snake(property)} = ?`,
        given[property as keyof F],
      ]),
    )

/**
 * A list on an entity that no single column leads to: `Order.workflows`, those whose `order_ids` hold it. Newest first; costs a query
 * for each parent, so `edge` where a column will do.
 */
export function listOn<T>(
  parent: Class,
  spec: Omit<ListSpec<T, never>, 'filter' | 'where'> & { where: (id: string) => Filter },
): Class {
  const { name, type, description, allow = entityOf(type).allow } = spec
  return resolverClass(
    [
      {
        name,
        run: async ({ id }: { id: string }, page: PageArgs, { loaders }: Context) =>
          loaders.list(type, spec.where(id), page),
        parameters: [Root(), Args(() => PageArgs), Ctx()],
        decorators: [FieldResolver(() => connection(type), { nullable: true, description }), Allow(...allow)],
      },
    ],
    parent,
  )
}
