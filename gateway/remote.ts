import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLFormattedError,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { Pool } from 'undici'
import { Breaker } from '#gateway/breaker.js'
import type { Operation } from '#gateway/request.js'
import type { DataSource, Fetch, FetchResult } from '#gateway/supergraph.js'
import { INTERNAL_IDENTITY_HEADER, type InternalKey, signIdentity } from '#shared/internal-identity.js'
import type { Logger } from '#shared/log.js'

/** One fetch, from asking to the last byte: a hung subgraph must not hang its callers (F15). */
const TIMEOUT_MS = 3_000
/** A write may have to queue behind others of the same entity, and an answer that was given up on leaves its caller in doubt. */
const WRITE_TIMEOUT_MS = 15_000
/** An answer beyond this is a fault of the subgraph, and would be the end of the gateway (F15). */
const LARGEST_ANSWER = 5 * 1024 * 1024
const CONNECTIONS = 64
/** A page of entities in an unreachable subgraph is one error each; beyond this nobody reads them. */
const MOST_ERRORS = 50

export interface RemoteOptions {
  name: string
  url: string
  /** The newest key shared with that subgraph. */
  key: InternalKey
  log: Logger
  timeoutMs?: number
}

class Unavailable extends Error {
  constructor(
    message: string,
    /** The subgraph never got the request, or never began to answer: asking again does no harm to a read. */
    readonly untouched = false,
  ) {
    super(message)
  }
}

const NEVER_REACHED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/**
 * Asks a subgraph that runs elsewhere, with a signed identity for each request. Whatever goes wrong becomes
 * SUBGRAPH_UNAVAILABLE at the fields that are missing; the data of the other subgraphs stays (R1).
 */
export class Remote implements DataSource {
  readonly #pool: Pool
  readonly #path: string
  readonly #breaker = new Breaker()

  constructor(readonly options: RemoteOptions) {
    const url = new URL(options.url)
    this.#path = `${url.pathname}${url.search}`
    this.#pool = new Pool(url.origin, { connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 60_000 })
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async process(fetch: Fetch): Promise<FetchResult> {
    if (!this.#breaker.allows()) return unavailable(fetch)
    try {
      const result = await this.#ask(fetch)
      this.#breaker.succeeded()
      return result
    } catch (error) {
      this.#breaker.failed()
      const { requestId } = fetch.context as Operation
      this.options.log.warn({ err: error, subgraph: this.options.name, requestId }, 'subgraph unavailable')
      return unavailable(fetch)
    }
  }

  /** A read is asked once more when the connection broke: a restarted subgraph leaves dead connections behind. */
  async #ask(fetch: Fetch): Promise<FetchResult> {
    try {
      return await this.#send(fetch)
    } catch (error) {
      const again = error instanceof Unavailable && error.untouched && !isWrite(fetch.request.query)
      if (again) return await this.#send(fetch)
      throw error
    }
  }

  async #send({ request, context }: Fetch): Promise<FetchResult> {
    const { query, variables, operationName } = request
    const body = JSON.stringify({ query, variables, operationName })
    const signal = AbortSignal.timeout(
      this.options.timeoutMs ?? (isWrite(query) ? WRITE_TIMEOUT_MS : TIMEOUT_MS),
    )
    try {
      // undici follows no redirect unless told to, so an answer of 3xx is just not a 200.
      const answer = await this.#pool.request({
        path: this.#path,
        method: 'POST',
        headers: this.#headers(context as Operation, body, query ?? ''),
        body,
        signal,
      })
      const text = await readCapped(answer.body)
      if (answer.statusCode !== 200)
        throw new Unavailable(`answered ${answer.statusCode}: ${text.slice(0, 200)}`)
      return resultOf(text)
    } catch (error) {
      if (error instanceof Unavailable) throw error
      const { code, message } = error as NodeJS.ErrnoException
      throw new Unavailable(`${code ?? ''} ${message}`.trim(), NEVER_REACHED.has(code ?? ''))
    }
  }

  #headers(operation: Operation, body: string, query: string): Record<string, string> {
    const { identity, requestId, surface, site } = operation
    const call = {
      identity,
      requestId,
      surface,
      site,
      operation: createHash('sha256').update(query).digest('base64url'),
    }
    return {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': requestId,
      [INTERNAL_IDENTITY_HEADER]: signIdentity(this.options.key, this.options.name, call, body),
    }
  }
}

const isWrite = (query: string | undefined): boolean => query?.startsWith('mutation') ?? false

async function readCapped(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > LARGEST_ANSWER) throw new Unavailable(`answered with more than ${LARGEST_ANSWER} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function resultOf(text: string): FetchResult {
  let result: unknown
  try {
    result = JSON.parse(text)
  } catch {
    throw new Unavailable(`answered something that is not JSON: ${text.slice(0, 200)}`)
  }
  const { data, errors } = (result ?? {}) as { data?: unknown; errors?: unknown }
  const sound =
    (data === undefined || data === null || (typeof data === 'object' && !Array.isArray(data))) &&
    (errors === undefined || Array.isArray(errors)) &&
    (data !== undefined || errors !== undefined)
  if (!sound) throw new Unavailable('answered something that is not a GraphQL result')
  return { data, errors } as FetchResult
}

/** The error, once for each field that will be missing, so that a client can tell what is absent from what is null. */
function unavailable(fetch: Fetch): FetchResult {
  const errors = missingPaths(fetch)
    .slice(0, MOST_ERRORS)
    .map(
      (path): GraphQLFormattedError => ({
        message: MESSAGE,
        path,
        extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
      }),
    )
  return { data: null, errors } as FetchResult
}

const MESSAGE = 'This part of Opsgraph cannot be reached right now. Try again in a moment.'

/** Paths inside the fetch; the gateway puts them where the fetch hangs in the client's operation. */
function missingPaths(fetch: Fetch): (string | number)[][] {
  const { query = '', variables } = fetch.request
  const document: DocumentNode = ('document' in fetch && fetch.document) || parse(query, { noLocation: true })
  const operation = document.definitions.find(definition => definition.kind === Kind.OPERATION_DEFINITION)
  if (!operation) return [[]]
  const roots = operation.selectionSet.selections.filter(node => node.kind === Kind.FIELD)
  const representations: unknown = variables?.representations
  if (!Array.isArray(representations)) return roots.map(field => [responseName(field)])
  const entities = roots.find(field => field.name.value === '_entities')?.selectionSet
  return representations.flatMap((representation, index) =>
    fieldsOn(entities, (representation as { __typename?: string }).__typename).map(name => [
      '_entities',
      index,
      name,
    ]),
  )
}

const responseName = (field: FieldNode): string => field.alias?.value ?? field.name.value

const fieldsOn = (set: SelectionSetNode | undefined, typename: string | undefined): string[] =>
  (set?.selections ?? []).flatMap(node => {
    if (node.kind !== Kind.INLINE_FRAGMENT || node.typeCondition?.name.value !== typename) return []
    return node.selectionSet.selections.flatMap(field =>
      field.kind === Kind.FIELD && field.name.value !== '__typename' ? [responseName(field)] : [],
    )
  })
