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
  visit,
} from 'graphql'
import { type Access, audienceOf, type PermissionTable } from '#shared/permissions.js'

const FEDERATION = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective"])
  @link(url: "https://opsgraph.dev/access/v1.0", import: ["@access"])
  @composeDirective(name: "@access")
"Who may use a field or read a type: roles, scopes of machines, or PUBLIC."
directive @access(roles: [String!]!) on FIELD_DEFINITION | OBJECT
`

/** The schema as SDL: linked to federation, every permission as `@access` and as a sentence for people. */
export function sdlOf(source: GraphQLSchema, permissions: PermissionTable, extra = ''): DocumentNode {
  const plain = getDocumentNodeFromSchema(source)
  const annotated = visit(plain, {
    ObjectTypeDefinition(node: ObjectTypeDefinitionNode) {
      const fields = permissions.get(node.name.value)
      if (!fields) return undefined
      const audience = audienceOf(source, node.name.value)
      return {
        ...node,
        directives: audience ? [...(node.directives ?? []), access(audience)] : node.directives,
        description: audience
          ? sentence(node.description?.value, audience)
          : (roots.get(node.name.value) ?? node.description),
        fields: node.fields?.map(field =>
          annotate(
            roots.has(node.name.value) ? nullable(field) : field,
            fields.get(field.name.value),
            audience,
          ),
        ),
      }
    },
  })
  const definitions = annotated.definitions
    .filter(node => node.kind !== Kind.SCHEMA_DEFINITION && !(node.kind === Kind.DIRECTIVE_DEFINITION))
    .map(sortedRoot)
    .sort(byName)
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      ...parse(FEDERATION).definitions,
      ...definitions,
      ...(extra ? parse(extra).definitions : []),
    ],
  }
}

const words = (value: string) => ({ kind: Kind.STRING as const, value, block: false })
const roots = new Map([
  ['Query', words('What can be asked. Each field says who may.')],
  [
    'Mutation',
    words('What can be done. Each leaves events with actor and reason; each can be rehearsed with dryRun.'),
  ],
])

/** A root field that may not be null would blank its neighbours' answers when its subgraph is away (R1). */
const nullable = (field: FieldDefinitionNode): FieldDefinitionNode => ({
  ...field,
  type: field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type,
})

const nameOf = (node: DefinitionNode | FieldDefinitionNode): string =>
  'name' in node ? (node.name?.value ?? '') : ''
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

function annotate(
  field: FieldDefinitionNode,
  allow: readonly Access[] | undefined,
  audience: readonly Access[] | undefined,
): FieldDefinitionNode {
  if (!allow || audience?.every(access => allow.includes(access))) return field
  return {
    ...field,
    directives: [...(field.directives ?? []), access(allow)],
    description: sentence(field.description?.value, allow),
  }
}

const sentence = (text: string | undefined, allow: readonly Access[]) =>
  words(
    `${text ?? ''} ${allow.includes('PUBLIC') ? 'Open to everybody.' : `Requires one of: ${allow.join(', ')}.`}`.trim(),
  )

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
