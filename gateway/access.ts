import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { gatewayError } from '#gateway/errors.js'
import type { Identity } from '#shared/identity.js'

/** Open to everybody, token or not. */
const EVERYBODY = 'PUBLIC'

const rolesOf = (field: NonNullable<ObjectTypeDefinitionNode['fields']>[number]): string[] => {
  const access = field.directives?.find(directive => directive.name.value === 'access')
  const roles = access?.arguments?.find(argument => argument.name.value === 'roles')?.value
  if (roles?.kind !== Kind.LIST) return []
  return roles.values.flatMap(value =>
    value.kind === Kind.STRING || value.kind === Kind.ENUM ? [value.value] : [],
  )
}

/** `Query.search` … : the root fields that ask for no token, by the `@access` of the supergraph. */
export function publicRootFields(supergraphSdl: string): ReadonlySet<string> {
  const open = new Set<string>()
  for (const type of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
    if (!['Query', 'Mutation', 'Subscription'].includes(type.name.value)) continue
    for (const field of type.fields ?? [])
      if (rolesOf(field).includes(EVERYBODY)) open.add(`${type.name.value}.${field.name.value}`)
  }
  return open
}

const fragmentsOf = (document: DocumentNode): Map<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions
      .filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map(fragment => [fragment.name.value, fragment]),
  )

/** The fields an operation selects on its root type, those in fragments included; each fragment is read once. */
export function rootFields(document: DocumentNode, operation: OperationDefinitionNode): FieldNode[] {
  const fragments = fragmentsOf(document)
  const fields: FieldNode[] = []
  const walk = (set: SelectionSetNode) => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) fields.push(node)
      else if (node.kind === Kind.INLINE_FRAGMENT) walk(node.selectionSet)
      else {
        const fragment = fragments.get(node.name.value)
        fragments.delete(node.name.value)
        if (fragment) walk(fragment.selectionSet)
      }
    }
  }
  walk(operation.selectionSet)
  return fields
}

const TYPES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

/**
 * Answers strangers before any subgraph is asked: nobody without a token gets further than the public root fields. This is
 * the first gate only; the rules of the subgraphs stand behind it.
 * @throws {GraphQLError} UNAUTHENTICATED, with 401, saying how to send a token
 */
export function requireIdentity(
  identity: Identity,
  open: ReadonlySet<string>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): void {
  if (identity.kind !== 'ANONYMOUS') return
  const closed = rootFields(document, operation)
    .map(field => field.name.value)
    .find(name => name !== '__typename' && !open.has(`${TYPES[operation.operation]}.${name}`))
  if (closed === undefined) return
  const what = closed.startsWith('__') ? 'Reading the schema' : `"${closed}"`
  throw gatewayError(
    'UNAUTHENTICATED',
    `${what} needs to know who is calling. Send the header "Authorization: Bearer <token>".`,
    401,
  )
}
