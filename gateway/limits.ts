import type { ApolloServerPlugin } from '@apollo/server'
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
} from 'graphql'
import { type ErrorCode, gatewayError } from '#gateway/errors.js'

/** What one operation may ask for. A page of the console stays below a quarter of each. */
export const LIMITS = {
  /** Of the document: what is remembered of it is counted in megabytes (F20). */
  characters: 200_000,
  /** Counted by the parser, so nothing behind it sees more. */
  tokens: 4000,
  /** checkout → orders → shipments → lines, with connections between, is 10. */
  depth: 16,
  aliases: 40,
  directives: 40,
  /** Fields with every fragment written out: what the query planner has to walk (F18). */
  fields: 1000,
  /** Objects that the answer could hold, by the page sizes asked for. */
  objects: 20_000,
} as const

/** What a list may hold when nothing says how long it is: a connection without `first`, and a plain list. */
const DEFAULT_PAGE = 25
const PLAIN_LIST = 5

type Variables = Readonly<Record<string, unknown>>

/** armor words its refusals as syntax errors without a code, and throws them: report one of ours instead. */
const refusing = (code: ErrorCode, message: string) => ({
  allowList: [],
  flattenFragments: true,
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null) => {
      context?.reportError(gatewayError(code, message))
    },
  ],
})

/** JSON has no infinity, so the planner cannot write `1e999` into a fetch and would fail. */
const finiteNumbers: ValidationRule = context => {
  const check = ({ value }: { value: string }) => {
    if (Number.isFinite(Number(value))) return
    context.reportError(
      gatewayError('BAD_USER_INPUT', `${value.slice(0, 40)} is a number that JSON cannot hold.`),
    )
  }
  return { FloatValue: check, IntValue: check }
}

/** Checks that need only the document, so they run once for each document that the server remembers. */
export const LIMIT_RULES: ValidationRule[] = [
  finiteNumbers,
  maxDepthRule({
    ...refusing('QUERY_TOO_DEEP', `The selection is nested more than ${LIMITS.depth} levels deep.`),
    n: LIMITS.depth,
  }),
  maxAliasesRule({
    ...refusing('TOO_MANY_ALIASES', `The document renames more than ${LIMITS.aliases} fields.`),
    n: LIMITS.aliases,
  }),
  maxDirectivesRule({
    ...refusing('TOO_MANY_DIRECTIVES', `The document uses more than ${LIMITS.directives} directives.`),
    n: LIMITS.directives,
  }),
] as ValidationRule[]

export interface Cost {
  /** Fields selected, fragments written out. */
  fields: number
  /** Objects the answer could hold. */
  objects: number
}

const NOTHING: Cost = { fields: 0, objects: 0 }

const givenValue = (node: ValueNode, variables: Variables): unknown => {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value]
  if (node.kind === Kind.INT) return Number(node.value)
  if (node.kind === Kind.LIST) return node.values
  return undefined
}

const holdsList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type)

/** How many objects a field may bring: its page size, the length of the list it is given, or a guess. */
function sizeOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Variables,
  paged: boolean,
): number {
  const pageSize = field.args.some(arg => arg.name === 'first')
  let size = pageSize ? DEFAULT_PAGE : 1
  if (holdsList(field.type) && !paged) size = PLAIN_LIST
  for (const { name, value } of node.arguments ?? []) {
    const given = givenValue(value, variables)
    if ((name.value === 'first' || name.value === 'last') && typeof given === 'number')
      return Math.max(given, 1)
    if (Array.isArray(given) && holdsList(field.type)) size = Math.max(size, given.length)
  }
  return size
}

class CostOf {
  readonly #fragments = new Map<string, Cost>()
  readonly #definitions: Map<string, FragmentDefinitionNode>

  constructor(
    readonly schema: GraphQLSchema,
    document: DocumentNode,
    readonly variables: Variables,
  ) {
    const fragments = document.definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#definitions = new Map(fragments.map(fragment => [fragment.name.value, fragment]))
  }

  /** `paged`: the parent is a connection, whose size is already counted. */
  selection(set: SelectionSetNode, parent: GraphQLCompositeType, paged: boolean): Cost {
    let { fields, objects } = NOTHING
    for (const node of set.selections) {
      const cost = this.#costOf(node, parent, paged)
      fields += cost.fields
      objects += cost.objects
    }
    return { fields, objects }
  }

  #costOf(node: SelectionSetNode['selections'][number], parent: GraphQLCompositeType, paged: boolean): Cost {
    if (node.kind === Kind.FIELD) return this.#field(node, parent, paged)
    if (node.kind === Kind.FRAGMENT_SPREAD) return this.#fragment(node.name.value, paged)
    const type = node.typeCondition ? this.schema.getType(node.typeCondition.name.value) : parent
    return isCompositeType(type) ? this.selection(node.selectionSet, type, paged) : NOTHING
  }

  /** Worked out once for each fragment: a bomb of nested fragments costs a line each, not two to the power of lines. */
  #fragment(name: string, paged: boolean): Cost {
    const key = `${name} ${paged}`
    const known = this.#fragments.get(key)
    if (known) return known
    this.#fragments.set(key, NOTHING)
    const definition = this.#definitions.get(name)
    const type = definition && this.schema.getType(definition.typeCondition.name.value)
    if (!definition || !isCompositeType(type)) return NOTHING
    const cost = this.selection(definition.selectionSet, type, paged)
    this.#fragments.set(key, cost)
    return cost
  }

  #field(node: FieldNode, parent: GraphQLCompositeType, paged: boolean): Cost {
    const fields = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {}
    const field = fields[node.name.value]
    if (!field || !node.selectionSet) return { fields: 1, objects: 0 }
    const type = getNamedType(field.type)
    if (!isCompositeType(type)) return { fields: 1, objects: 0 }
    const size = sizeOf(node, field, this.variables, paged)
    const pages = field.args.some(arg => arg.name === 'first') && !holdsList(field.type)
    const below = this.selection(node.selectionSet, type, pages)
    // Of a page, its nodes count: `edges` and `pageInfo` are wrapping.
    const own = paged && node.name.value !== 'nodes' ? 0 : 1
    return { fields: 1 + below.fields, objects: size * (own + below.objects) }
  }
}

const rootType = (schema: GraphQLSchema, operation: OperationDefinitionNode) =>
  schema.getRootType(operation.operation)

/**
 * What an operation could cost, by its document and the variables that set page sizes. Linear in the document.
 * Introspection costs nothing: its size is the schema's.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables = {},
): Cost {
  const type = rootType(schema, operation)
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, givenValue(defaultValue, {})]] : [],
  )
  const values = { ...Object.fromEntries(defaults), ...variables }
  return type ? new CostOf(schema, document, values).selection(operation.selectionSet, type, false) : NOTHING
}

/**
 * Refuses an operation that asks for too much, before the planner sees it (F18).
 * @throws {GraphQLError} QUERY_TOO_COMPLEX with `limit` and `found`
 */
export function checkCost(cost: Cost): void {
  for (const what of ['fields', 'objects'] as const) {
    if (cost[what] <= LIMITS[what]) continue
    const message =
      what === 'fields'
        ? `The document selects ${cost.fields} fields with its fragments written out; at most ${LIMITS.fields} are allowed.`
        : `The answer could hold ${cost.objects} objects; at most ${LIMITS.objects} are allowed. Ask for smaller pages.`
    throw gatewayError('QUERY_TOO_COMPLEX', message, 400, { limit: LIMITS[what], found: cost[what] })
  }
}

/** The cost check as a plugin: after validation, before planning, on every request, since page sizes may be variables. */
export const limitCost: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, request }) {
        if (operation) checkCost(costOf(schema, document, operation, request.variables))
      },
    }
  },
}
