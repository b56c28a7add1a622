import 'reflect-metadata'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { getDocumentNodeFromSchema } from '@graphql-tools/utils'
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'
import { buildSchemaSync, createResolversMap } from 'type-graphql'
import { type Action, approvalName } from '#shared/action.js'
import { actionResolver, recordingResolver } from '#shared/action-schema.js'
import { approvals } from '#shared/approval.js'
import { connection } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { building, type Class, entityOf, stubs } from '#shared/fields.js'
import { Node } from '#shared/node.js'
import type { Performer } from '#shared/outcome.js'
import { noteRefusal } from '#shared/perform.js'
import { type Access, audienceOf, holds, type PermissionTable, readPermissions, shielded } from '#shared/permissions.js'
import type { Projection } from '#shared/projection.js'
import type { Reaction } from '#shared/reaction.js'
import type { Recording } from '#shared/record.js'
import type { View } from '#shared/view.js'

export const SUBGRAPHS = ['accounts', 'support', 'orders', 'risk', 'catalog', 'audit'] as const
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
  recordings?: readonly Recording[]
  views: readonly View[]
  /** type-graphql resolver classes. */
  queries: readonly Class[]
  /** Stubs of other subgraphs' entities that this one adds fields to, and types that no field reaches. */
  extends?: readonly Class[]
  references?: readonly Reference[]
  reactions?: readonly Reaction[]
  projections?: readonly Projection[]
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

const FEDERATION = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective"])
  @link(url: "https://opsgraph.dev/access/v1.0", import: ["@access"])
  @composeDirective(name: "@access")
"Who may use a field or read a type: roles, scopes of machines, or PUBLIC."
directive @access(roles: [String!]!) on FIELD_DEFINITION | OBJECT
`

/**
 * Builds a subgraph: its type-graphql schema, the permissions read back from it (incomplete ones stop the process), its SDL with
 * `@access`, and the executable federated schema behind graphql-shield.
 */
export function subgraph(spec: SubgraphSpec): Subgraph {
  const views = [...spec.views, ...(spec.name === 'audit' ? [approvals] : [])]
  const performers = spec.actions.map(action => ({
    action,
    subgraph: spec.name,
    views: views.filter(view => view.of === action.on.type),
  }))
  const entities = [...new Set(views.map(view => view.type as Class))]
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
      orphanedTypes: [Node, ...entities, ...(spec.extends ?? []), ...references.map(({ type }) => type)] as never,
      validate: false,
    }),
  )
  const permissions = readPermissions(source)
  const typeDefs = document(source, permissions, spec.sdl)
  const resolvers = resolversOf(source, entities, extended, references)
  const federated = buildSubgraphSchema({ typeDefs, resolvers: resolvers as never })
  const refused = (field: string, context: Context) => {
    const action = spec.actions.find(a => field === `Mutation.${a.name}` || field === `Mutation.${approvalName(a)}`)
    if (action && action.risk !== 'ROUTINE') void noteRefusal(action.name, 'FORBIDDEN', context)
  }
  return {
    ...spec,
    views,
    sdl: `${print(typeDefs)}\n`,
    schema: shielded(federated, permissions, source, refused),
    permissions,
    audiences: Object.fromEntries(
      [...entities.map(entityOf), ...references].map(({ name, prefix }) => [name, { prefix, allow: audienceOf(source, name)! }]),
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
  map.Node = { ...map.Node, __resolveType: (value: { __typename?: string; constructor: unknown }) => value.__typename ?? typeNames.get(value.constructor as Class) }
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

/** The schema as SDL: linked to federation, every permission as `@access` and as a sentence for people. */
function document(source: GraphQLSchema, permissions: PermissionTable, extra = ''): DocumentNode {
  const plain = getDocumentNodeFromSchema(source)
  const annotated = visit(plain, {
    ObjectTypeDefinition(node: ObjectTypeDefinitionNode) {
      const fields = permissions.get(node.name.value)
      if (!fields) return undefined
      const audience = audienceOf(source, node.name.value)
      return {
        ...node,
        directives: audience ? [...(node.directives ?? []), access(audience)] : node.directives,
        description: audience ? sentence(node.description?.value, audience) : (roots.get(node.name.value) ?? node.description),
        fields: node.fields?.map(field => annotate(roots.has(node.name.value) ? nullable(field) : field, fields.get(field.name.value), audience)),
      }
    },
  })
  const definitions = annotated.definitions
    .filter(node => node.kind !== Kind.SCHEMA_DEFINITION && !(node.kind === Kind.DIRECTIVE_DEFINITION))
    .map(sortedRoot)
    .sort(byName)
  return { kind: Kind.DOCUMENT, definitions: [...parse(FEDERATION).definitions, ...definitions, ...(extra ? parse(extra).definitions : [])] }
}

const words = (value: string) => ({ kind: Kind.STRING as const, value, block: false })
const roots = new Map([
  ['Query', words('What can be asked. Each field says who may.')],
  ['Mutation', words('What can be done. Each leaves events with actor and reason; each can be rehearsed with dryRun.')],
])

/** A root field that may not be null would blank its neighbours' answers when its subgraph is away (R1). */
const nullable = (field: FieldDefinitionNode): FieldDefinitionNode => ({
  ...field,
  type: field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type,
})

const nameOf = (node: DefinitionNode | FieldDefinitionNode): string => ('name' in node ? (node.name?.value ?? '') : '')
const byName = <T extends DefinitionNode | FieldDefinitionNode>(a: T, b: T): number =>
  nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0

/**
 * Types and root fields go by name: type-graphql tells them in the order in which modules were loaded, which is another one in the
 * gateway, the command line and tests. Fields of other types stay as they were declared.
 */
const sortedRoot = (node: DefinitionNode): DefinitionNode =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION && ['Query', 'Mutation', 'Subscription'].includes(node.name.value)
    ? { ...node, fields: [...(node.fields ?? [])].sort(byName) }
    : node

function annotate(field: FieldDefinitionNode, allow: readonly Access[] | undefined, audience: readonly Access[] | undefined): FieldDefinitionNode {
  if (!allow || (audience && audience.every(access => allow.includes(access)))) return field
  return {
    ...field,
    directives: [...(field.directives ?? []), access(allow)],
    description: sentence(field.description?.value, allow),
  }
}

const sentence = (text: string | undefined, allow: readonly Access[]) =>
  words(`${text ?? ''} ${allow.includes('PUBLIC') ? 'Open to everybody.' : `Requires one of: ${allow.join(', ')}.`}`.trim())

const access = (allow: readonly Access[]): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'access' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'roles' },
      value: { kind: Kind.LIST, values: allow.map(value => ({ kind: Kind.STRING as const, value })) },
    },
  ],
})

