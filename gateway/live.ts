import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FormattedExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  parseType,
  print,
  specifiedRules,
  type TypeNode,
  type VariableDefinitionNode,
  validate,
  visit,
} from 'graphql'
import { rootFields } from '#gateway/access.js'
import { type ErrorCode, gatewayError } from '#gateway/errors.js'
import { checkCost, costOf, LIMIT_RULES, LIMITS } from '#gateway/limits.js'
import type { Identity } from '#shared/identity.js'
import type { EventFilter } from '#shared/sealed-log.js'

/**
 * Subscriptions across all subgraphs. Every event is answered by a QUERY that goes the same road as any other: rewritten once
 * per subscription from `subscription { ticketUpdated(…) { SEL } }` to `query { ticketUpdate(…, cursor) { SEL } }`, run with
 * fresh roles and loaders for each event. So nothing can be read here that could not be asked for.
 */

type Args = Readonly<Record<string, unknown>>

/** One field of `Subscription`. */
export interface LiveField {
  /** The query field that answers one event. It takes the same arguments (without `after`), and `cursor`. */
  query: string
  /** Whose events are followed: those that mention one of these ids, of these types. */
  refs: (args: Args, identity: Identity) => readonly string[]
  types?: readonly string[]
  /** A query field that gives the entity to those who may see it, asked before the first event and when rights change. */
  visible: { query: string; args: (args: Args) => Args }
}

export const LIVE_FIELDS: Readonly<Record<string, LiveField>> = {
  ticketUpdated: {
    query: 'ticketUpdate',
    refs: ({ ticketId }) => [String(ticketId)],
    visible: { query: 'ticket', args: ({ ticketId }) => ({ id: ticketId }) },
  },
  // What is for an account reaches its members of the moment at which they began to follow; which are theirs is asked for each.
  notificationAdded: {
    query: 'notificationUpdate',
    refs: (_args, { personId, orgIds }) => [personId, ...orgIds],
    types: ['NotificationSent'],
    visible: { query: 'notifications', args: () => ({ first: 1 }) },
  },
}

/** The subscription's own argument: go on behind this cursor. The query's: the event it is about. */
const AFTER = 'after'
const CURSOR = 'cursor'
const CURSOR_VARIABLE = 'opsgraph_cursor'

export interface LiveRequest {
  query: string
  variables?: Record<string, unknown> | null
  operationName?: string | null
}

/** A subscription, ready to be answered event by event. */
export interface Plan {
  field: LiveField
  /** The name the client gave the root field. */
  alias: string
  /** The events that may be for this subscriber. */
  follows: (identity: Identity) => EventFilter
  /** Follow what comes behind this position; null: from now on. */
  after: number | null
  query: string
  /** @returns the query's variables for the event at this position */
  variablesAt: (position: number) => Record<string, unknown>
  visibleQuery: string
  visibleVariables: Record<string, unknown>
}

/** What the caller sent does not make a subscription. */
export class PlanErrors extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors.map(error => error.message).join('\n'))
  }
}

const wrong = (code: ErrorCode, message: string) => new PlanErrors([gatewayError(code, message)])

const parsed = (query: unknown): DocumentNode => {
  if (typeof query !== 'string') throw wrong('BAD_REQUEST', 'There is no "query".')
  try {
    return parse(query, { noLocation: true, maxTokens: LIMITS.tokens })
  } catch (error) {
    throw wrong('GRAPHQL_PARSE_FAILED', (error as Error).message)
  }
}

function operationOf(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name)
  if (!operation) throw wrong('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name.')
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION)
    throw wrong(
      'BAD_REQUEST',
      `Only subscriptions are taken here: send the ${operation.operation} as a plain POST.`,
    )
  return operation
}

function validated(schema: GraphQLSchema, document: DocumentNode): void {
  const errors = validate(schema, document, [...specifiedRules, ...LIMIT_RULES], { maxErrors: 20 })
  if (errors.length === 0) return
  throw new PlanErrors(errors.map(error => (error.extensions.code ? error : withCode(error))))
}

const withCode = (error: GraphQLError) =>
  new GraphQLError(error.message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })

/** What a schema needs for each live field; checked at start, so that a wrong name is found there. */
export function checkLiveFields(schema: GraphQLSchema, fields: Readonly<Record<string, LiveField>>): void {
  const queries = schema.getQueryType()?.getFields() ?? {}
  for (const name of Object.keys(schema.getSubscriptionType()?.getFields() ?? {})) {
    const live = fields[name]
    if (!live) throw new Error(`Subscription.${name} has no entry in LIVE_FIELDS, so nobody could follow it`)
    if (!queries[live.query]?.args.some(arg => arg.name === CURSOR))
      throw new Error(
        `Subscription.${name} is answered by Query.${live.query}, which has no argument "${CURSOR}"`,
      )
    if (!queries[live.visible.query])
      throw new Error(`Subscription.${name} is guarded by Query.${live.visible.query}, which does not exist`)
  }
}

/**
 * Checks a subscription like any operation (schema, limits, variables) and rewrites it into the query of one event.
 * @throws {PlanErrors}
 */
export function planSubscription(
  schema: GraphQLSchema,
  request: LiveRequest,
  fields: Readonly<Record<string, LiveField>> = LIVE_FIELDS,
): Plan {
  const document = parsed(request.query)
  const operation = operationOf(document, request.operationName)
  validated(schema, document)
  const [root] = rootFields(document, operation)
  const field = root && fields[root.name.value]
  if (!root || !field) throw wrong('BAD_REQUEST', 'Select one field of Subscription.')
  if (root.directives?.length) throw wrong('BAD_REQUEST', 'The field of a subscription takes no directives.')
  const variables = coerced(schema, operation, request.variables ?? {})
  checkCost(costOf(schema, document, operation, variables))
  const definition = schema.getSubscriptionType()!.getFields()[root.name.value]!
  const args = argumentsOf(definition, root, variables)
  const visible = visibleQuery(schema, field, args)
  return {
    field,
    alias: root.alias?.value ?? root.name.value,
    follows: identity => ({ types: field.types, refs: field.refs(args, identity) }),
    after: positionOf(args[AFTER]),
    ...queryOf(schema, document, operation, root, field, request.variables ?? {}),
    ...visible,
  }
}

function coerced(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  inputs: Record<string, unknown>,
): Args {
  const result = getVariableValues(schema, operation.variableDefinitions ?? [], inputs)
  if (!result.errors) return result.coerced
  throw new PlanErrors(result.errors.map(error => gatewayError('BAD_USER_INPUT', error.message)))
}

function argumentsOf(
  definition: Parameters<typeof getArgumentValues>[0],
  root: FieldNode,
  variables: Args,
): Args {
  try {
    return getArgumentValues(definition, root, variables)
  } catch (error) {
    throw wrong('BAD_USER_INPUT', (error as Error).message)
  }
}

/** Cursors of events are their positions in the sealed log. */
function positionOf(after: unknown): number | null {
  if (after === undefined || after === null) return null
  if (/^\d{1,15}$/.test(String(after))) return Number(after)
  throw wrong('BAD_USER_INPUT', '"after" is not a cursor: take the one of the last update you received.')
}

const name = (value: string) => ({ kind: Kind.NAME, value }) as const
const variable = (value: string) => ({ kind: Kind.VARIABLE, name: name(value) }) as const

const usedVariables = (nodes: readonly (OperationDefinitionNode | FragmentDefinitionNode)[]): Set<string> => {
  const used = new Set<string>()
  for (const node of nodes)
    visit(node, {
      VariableDefinition: () => false,
      Variable: found => void used.add(found.name.value),
    })
  return used
}

/** The fragments that a selection needs, and those that they need. */
function fragmentsUsed(document: DocumentNode, node: OperationDefinitionNode): FragmentDefinitionNode[] {
  const all = document.definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
  const used = new Set<FragmentDefinitionNode>()
  const collect = (from: OperationDefinitionNode | FragmentDefinitionNode) =>
    visit(from, {
      FragmentSpread: spread => {
        const fragment = all.find(candidate => candidate.name.value === spread.name.value)
        if (!fragment || used.has(fragment)) return
        used.add(fragment)
        collect(fragment)
      },
    })
  collect(node)
  return [...used]
}

const typeOfArgument = (schema: GraphQLSchema, query: string, argument: string): TypeNode => {
  const found = schema
    .getQueryType()
    ?.getFields()
    [query]?.args.find(arg => arg.name === argument)
  if (!found) throw new Error(`Query.${query} has no argument "${argument}"`)
  return parseType(String(found.type))
}

function queryOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  root: FieldNode,
  field: LiveField,
  inputs: Record<string, unknown>,
): Pick<Plan, 'query' | 'variablesAt'> {
  const cursor: ArgumentNode = { kind: Kind.ARGUMENT, name: name(CURSOR), value: variable(CURSOR_VARIABLE) }
  const kept = (root.arguments ?? []).filter(argument => argument.name.value !== AFTER)
  const selection: FieldNode = {
    ...root,
    alias: name(root.alias?.value ?? root.name.value),
    name: name(field.query),
    arguments: [...kept, cursor],
  }
  const query: OperationDefinitionNode = {
    ...operation,
    operation: OperationTypeNode.QUERY,
    directives: [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] },
  }
  const fragments = fragmentsUsed(document, query)
  const used = usedVariables([query, ...fragments])
  const declared = (operation.variableDefinitions ?? []).filter(node => used.has(node.variable.name.value))
  const cursorDefinition: VariableDefinitionNode = {
    kind: Kind.VARIABLE_DEFINITION,
    variable: variable(CURSOR_VARIABLE),
    type: typeOfArgument(schema, field.query, CURSOR),
  }
  const whole: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...query, variableDefinitions: [...declared, cursorDefinition] }, ...fragments],
  }
  const variables = Object.fromEntries(Object.entries(inputs).filter(([key]) => used.has(key)))
  return {
    query: print(whole),
    variablesAt: position => ({ ...variables, [CURSOR_VARIABLE]: String(position) }),
  }
}

function visibleQuery(
  schema: GraphQLSchema,
  { visible }: LiveField,
  args: Args,
): Pick<Plan, 'visibleQuery' | 'visibleVariables'> {
  const values = visible.args(args)
  const names = Object.keys(values)
  const declared = names
    .map(key => `$${key}: ${print(typeOfArgument(schema, visible.query, key))}`)
    .join(', ')
  const passed = names.map(key => `${key}: $${key}`).join(', ')
  return {
    visibleQuery: `query Visible(${declared}) { visible: ${visible.query}(${passed}) { __typename } }`,
    visibleVariables: values,
  }
}

const LOST: readonly unknown[] = ['FORBIDDEN', 'UNAUTHENTICATED', 'NOT_FOUND']
const LATER: readonly unknown[] = ['STORAGE_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE']

const codes = (errors: readonly GraphQLFormattedError[] | undefined) =>
  (errors ?? []).map(error => error.extensions?.code)

/** What an answer to an event means for the stream. */
export type Verdict = 'deliver' | 'skip' | 'lost' | 'later'

/**
 * @returns deliver; skip: the event is not for this reader; lost: perhaps no right to the entity any more; later: a part of
 * Opsgraph is away, and the event must not be passed over
 */
export function verdictOn(result: FormattedExecutionResult, alias: string): Verdict {
  if (result.data?.[alias] !== null && result.data?.[alias] !== undefined) return 'deliver'
  const found = codes(result.errors)
  if (found.some(code => LOST.includes(code))) return 'lost'
  if (found.some(code => LATER.includes(code))) return 'later'
  return found.length > 0 ? 'deliver' : 'skip'
}
