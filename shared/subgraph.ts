import 'reflect-metadata'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, print } from 'graphql'
import { buildSchemaSync, createResolversMap } from 'type-graphql'
import { type Action, approvalName } from '#shared/action.js'
import { actionResolver, recordingResolver } from '#shared/action-schema.js'
import { approvals } from '#shared/approval.js'
import type { Bulk } from '#shared/bulk.js'
import { PARTS } from '#shared/config.js'
import { connection } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { building, type Class, entityOf, stubs } from '#shared/fields.js'
import { Node } from '#shared/node.js'
import type { Performer } from '#shared/outcome.js'
import { noteRefusal } from '#shared/perform.js'
import {
  type Access,
  audienceOf,
  holds,
  type PermissionTable,
  readPermissions,
  shielded,
} from '#shared/permissions.js'
import type { Projection } from '#shared/projection.js'
import type { Reaction } from '#shared/reaction.js'
import type { Recording } from '#shared/record.js'
import { sdlOf } from '#shared/sdl.js'
import type { Services } from '#shared/services.js'
import type { View } from '#shared/view.js'

export const SUBGRAPHS = PARTS
export type SubgraphName = (typeof SUBGRAPHS)[number]

/** An entity that is not a row of a view, e.g. an event: how one is read by its id. Its class declares key and permission itself. */
export interface Reference {
  type: Class
  /** Its name in the graph. */
  name: string
  prefix: string
  /** Null when it is not there or not the caller's. */
  open: (id: string, context: Context) => Promise<unknown>
}

/** A subgraph's table of contents. */
export interface SubgraphSpec {
  name: SubgraphName
  actions: readonly Action[]
  /** Mutations that do one of the actions to many targets; their resolvers are among the queries. */
  bulks?: readonly Bulk[]
  recordings?: readonly Recording[]
  views: readonly View[]
  /** type-graphql resolver classes. */
  queries: readonly Class[]
  /** Stubs of other subgraphs' entities that this one adds fields to, and types that no field reaches. */
  extends?: readonly Class[]
  references?: readonly Reference[]
  reactions?: readonly Reaction[]
  projections?: readonly Projection[]
  /** Leaves what has to be there before anybody acts; at every start, so that doing it again changes nothing. */
  begin?: (services: Services) => Promise<void>
  /** More SDL, for what type-graphql cannot say: subscription fields, which the gateway serves. */
  sdl?: string
}

/** What a subgraph is made of, for docs and `decision`: no schema is built for it. */
export interface Subgraph extends SubgraphSpec {
  sdl: string
  /** Federated and shielded; runs against a `Context`. */
  schema: GraphQLSchema
  permissions: PermissionTable
  /** Who may read each of its entity types at all. */
  audiences: Record<string, { prefix: string; allow: readonly Access[] }>
  entities: readonly Class[]
  performers: readonly Performer[]
}

/**
 * Builds a subgraph: its type-graphql schema, the permissions read back from it (incomplete ones stop the process), its SDL with
 * `@access`, and the executable federated schema behind graphql-shield.
 */
export function subgraph(spec: SubgraphSpec): Subgraph {
  const views = [...spec.views, ...(spec.name === 'audit' ? [approvals] : [])]
  const performers = spec.actions.map(action => ({
    action,
    subgraph: spec.name,
    // Requests for a second person are the kernel's, whoever changes one along with something of theirs.
    views: [...new Set([...views, approvals])].filter(
      view => view.of === action.on.type || view.of === action.with?.on.type,
    ),
  }))
  const entities = [
    ...new Set(views.flatMap(view => [view.type as Class, ...view.also.map(({ type }) => type)])),
  ]
  const extended = (spec.extends ?? []).filter(type => stubs.has(type))
  const references = spec.references ?? []
  for (const type of [...entities, ...extended]) connection(type)
  const own = new Map([
    ...extended.map(type => [stubs.get(type)!.name, type] as const),
    ...entities.map(type => [entityOf(type).name, type] as const),
  ])
  const source = building(own, () =>
    buildSchemaSync({
      resolvers: [
        ...spec.queries,
        ...performers.map(performer => actionResolver(performer)),
        ...(spec.recordings ?? []).map(recording => recordingResolver(recording, spec.views)),
      ] as never,
      orphanedTypes: [
        Node,
        ...entities,
        ...(spec.extends ?? []),
        ...references.map(({ type }) => type),
      ] as never,
      validate: false,
    }),
  )
  const permissions = readPermissions(source)
  const typeDefs = sdlOf(source, permissions, spec.sdl)
  const resolvers = resolversOf(source, entities, extended, references)
  const federated = buildSubgraphSchema({ typeDefs, resolvers: resolvers as never })
  const refused = (field: string, context: Context) => {
    const action = spec.actions.find(
      a => field === `Mutation.${a.name}` || field === `Mutation.${approvalName(a)}`,
    )
    if (action && action.risk !== 'ROUTINE') void noteRefusal(action.name, 'FORBIDDEN', context)
  }
  return {
    ...spec,
    views,
    sdl: `${print(typeDefs)}\n`,
    schema: shielded(federated, permissions, source, refused),
    permissions,
    audiences: Object.fromEntries(
      [...entities.map(entityOf), ...references].map(({ name, prefix }) => [
        name,
        { prefix, allow: audienceOf(source, name)! },
      ]),
    ),
    entities,
    performers,
  }
}

type ResolverMap = Record<string, Record<string, unknown>>

/** type-graphql's resolvers, with the way in by reference: row scope and type permission hold there too (F4). */
function resolversOf(
  source: GraphQLSchema,
  entities: readonly Class[],
  extended: readonly Class[],
  references: readonly Reference[],
): ResolverMap {
  const map = createResolversMap(source) as ResolverMap
  for (const type of Object.values(map)) delete type.__isTypeOf
  const opened: Omit<Reference, 'prefix'>[] = [
    ...entities.map(type => ({
      type,
      name: entityOf(type).name,
      open: (id: string, { loaders }: Context) => loaders.one(type, id),
    })),
    ...references,
  ]
  const typeNames = new Map(opened.map(({ type, name }) => [type, name]))
  map.Node = {
    ...map.Node,
    __resolveType: (value: { __typename?: string; constructor: unknown }) =>
      value.__typename ?? typeNames.get(value.constructor as Class),
  }
  for (const { name, open } of opened) {
    const audience = audienceOf(source, name)!
    map[name] = {
      ...map[name],
      __resolveReference: async ({ id }: { id: string }, context: Context) =>
        holds(context.identity, audience) ? open(id, context) : null,
    }
  }
  for (const type of extended) {
    const { name } = stubs.get(type)!
    map[name] = { ...map[name], __resolveReference: async ({ id }: { id: string }) => ({ id }) }
  }
  return map
}
