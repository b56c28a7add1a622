import { AsyncLocalStorage } from 'node:async_hooks'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, Kind } from 'graphql'
import { hintFor } from '#gateway/hints.js'
import { UnstorableValue } from '#shared/canonical.js'
import { isStorageError } from '#shared/database.js'
import type { Logger } from '#shared/log.js'
import { Refusal } from '#shared/refusal.js'

/** Every `extensions.code` that ever leaves Opsgraph, and what it means to a caller. Nothing else does (F16). */
export const ERROR_CODES = {
  UNAUTHENTICATED: 'The token is missing, malformed, expired or revoked.',
  FORBIDDEN: 'The caller is known, but none of their roles is enough; the message names those that are.',
  NOT_FOUND: 'There is no such thing, or the caller may not know of it.',
  BAD_USER_INPUT: 'An argument or variable has a value that does not fit.',
  BAD_REQUEST: 'The HTTP request is not a GraphQL request.',
  PAYLOAD_TOO_LARGE: 'The body is larger than the server takes.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL, or has too many tokens.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document has no operation of that name.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'Send the whole document: automatic persisted queries are off.',
  INTROSPECTION_DISABLED: 'The schema is not told here; take it from schema/api.graphql.',
  QUERY_TOO_DEEP: 'The selection is nested too deeply.',
  QUERY_TOO_COMPLEX: 'The answer could hold too many objects, or the document selects too many fields.',
  TOO_MANY_ALIASES: 'The document renames too many fields.',
  TOO_MANY_DIRECTIVES: 'The document uses too many directives.',
  TOO_MANY_SUBSCRIPTIONS: 'This connection already follows as much as one connection may.',
  STORAGE_UNAVAILABLE:
    'The database cannot be reached or is overloaded. Try again, a change with the same idempotency key.',
  SUBGRAPH_UNAVAILABLE:
    'One part of Opsgraph cannot be reached; the fields named by `path` are missing. Try again.',
  IDENTITY_PROVIDER_UNAVAILABLE:
    'The keys of the identity provider cannot be fetched, so the token cannot be checked.',
  SHUTTING_DOWN: 'This server is stopping. Try again; another one answers.',
  INTERNAL: 'Something went wrong on our side; the request id finds it in the log.',
} as const
export type ErrorCode = keyof typeof ERROR_CODES

const FIXED_MESSAGES: Partial<Record<ErrorCode, string>> = {
  // Not "nothing was changed": when a connection breaks at the commit, nobody knows (R8).
  STORAGE_UNAVAILABLE:
    'The database is not available right now. Try again in a moment; a change with the same idempotency key.',
  INTERNAL: 'Something went wrong on our side.',
}

/** A refusal of the gateway itself, with the HTTP status that goes with it. */
export const gatewayError = (
  code: ErrorCode,
  message: string,
  status = 400,
  extensions: Record<string, unknown> = {},
): GraphQLError => new GraphQLError(message, { extensions: { ...extensions, code, http: { status } } })

const current = new AsyncLocalStorage<string>()

/** Runs `work` so that every error formatted inside carries this request id. */
export const withRequestId = <T>(requestId: string, work: () => T): T => current.run(requestId, work)

const isKnown = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_CODES, code)

/** An error and all that lies under it, outermost first: Apollo and the planner wrap what a resolver threw. */
function chain(error: unknown): unknown[] {
  const links: unknown[] = []
  for (let link = error; link && typeof link === 'object' && links.length < 10 && !links.includes(link); ) {
    links.push(link)
    const { originalError, cause } = link as { originalError?: unknown; cause?: unknown }
    link = originalError ?? cause
  }
  return links
}

const codeIn = (link: unknown): unknown => (link as { extensions?: { code?: unknown } }).extensions?.code

/**
 * graphql-js itself refuses a value that only the subgraph's own scalar can judge (a date, an amount): the schema of the
 * gateway lets every value of a custom scalar through. Such an error has no code, but a wording of its own.
 */
const isBadInput = (link: unknown): boolean => {
  const { message, nodes } = link as { message?: unknown; nodes?: readonly { kind: string }[] }
  const onVariable = nodes === undefined || nodes[0]?.kind === Kind.VARIABLE_DEFINITION
  return (
    typeof message === 'string' &&
    ((onVariable &&
      /^Variable "\$\w+" (got invalid|has invalid|of (required|non-null) type)/.test(message)) ||
      /^Argument "\w+" (has invalid value|of (required|non-null) type)/.test(message))
  )
}

/** The log's and PostgreSQL's own word for a text that they cannot hold: a NUL, or half of a surrogate pair. */
const isUnholdable = (link: unknown): boolean =>
  link instanceof UnstorableValue || ['22021', '22P05'].includes((link as { code?: string }).code ?? '')

/**
 * The innermost code of our list decides: what is outside of it was added on the way. A `Refusal` outside of an action (a
 * query has no `userErrors`) is what was asked for that does not fit.
 */
function codeOf(error: unknown): ErrorCode {
  const links = chain(error)
  if (links.some(isStorageError)) return 'STORAGE_UNAVAILABLE'
  if (links.some(isUnholdable)) return 'BAD_USER_INPUT'
  const refusal = links.find(link => link instanceof Refusal)
  if (refusal) return refusal.code === 'NOT_FOUND' ? 'NOT_FOUND' : 'BAD_USER_INPUT'
  const known = links.map(codeIn).filter(isKnown).at(-1)
  if (known) return known
  return links.some(isBadInput) ? 'BAD_USER_INPUT' : 'INTERNAL'
}

const HIDDEN = new Set(['code', 'http', 'stacktrace', 'exception', 'serviceName', 'requestId'])

/**
 * Turns any error into what a client may see: known codes pass with their message and facts, all others become INTERNAL
 * and are logged whole. Every one carries `extensions.code` and `extensions.requestId`.
 * @param formatted the error as Apollo or graphql-js would send it
 * @param error the error itself, with what it wraps
 * @param schema for saying what would be right, where a value does not fit it
 */
export function present(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: Logger,
  schema: GraphQLSchema | null = null,
): GraphQLFormattedError {
  const code = codeOf(error)
  const requestId = current.getStore() ?? null
  if (code === 'INTERNAL' || code === 'STORAGE_UNAVAILABLE') {
    const level = code === 'INTERNAL' ? 'error' : 'warn'
    log[level]({ err: chain(error).at(-1), requestId, path: formatted.path }, `answered ${code}`)
  }
  const fixed = chain(error).some(isUnholdable)
    ? 'A text holds a character that no text can hold, such as NUL.'
    : FIXED_MESSAGES[code]
  const { locations, path, extensions = {} } = formatted
  const facts = fixed ? [] : Object.entries(extensions).filter(([key]) => !HIDDEN.has(key))
  const hint = schema && !fixed && hintFor(formatted.message, schema)
  return {
    message: fixed ?? (hint ? `${formatted.message} ${hint}` : formatted.message),
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { ...Object.fromEntries(facts), code, requestId },
  }
}

/** The same for an error that never went through Apollo. */
export const presentError = (
  error: unknown,
  log: Logger,
  schema: GraphQLSchema | null = null,
): GraphQLFormattedError =>
  present(error instanceof GraphQLError ? error.toJSON() : { message: String(error) }, error, log, schema)

/** What stands for a code where the error itself asks for no status: it came from below the gateway. */
const STATUS: Partial<Record<ErrorCode, number>> = { BAD_USER_INPUT: 400, STORAGE_UNAVAILABLE: 503 }

/** The HTTP status that an error asks for; 500 when neither it nor its code does. */
export const statusOf = (error: unknown): number => {
  const http = (error as GraphQLError)?.extensions?.http as { status?: number } | undefined
  return http?.status ?? STATUS[codeOf(error)] ?? 500
}
