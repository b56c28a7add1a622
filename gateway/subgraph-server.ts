import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type DocumentNode, execute, type GraphQLError, parse, validate } from 'graphql'
import { gatewayError, present, presentError, withRequestId } from '#gateway/errors.js'
import { Health } from '#gateway/health.js'
import { parseJson, readBody, sendError, sendJson } from '#gateway/http.js'
import { listen } from '#gateway/listen.js'
import { People } from '#gateway/people.js'
import { requestIdOf } from '#gateway/request.js'
import {
  INTERNAL_IDENTITY_HEADER,
  type InternalCall,
  type InternalKey,
  ReplayGuard,
  UntrustedCall,
  verifyIdentity,
} from '#shared/internal-identity.js'
import type { Logger } from '#shared/log.js'
import { createContext, type Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'

const KEPT_DOCUMENTS = 1000

export interface SubgraphServerOptions {
  subgraph: Pick<Subgraph, 'name' | 'schema'>
  services: Services
  /** All keys that the gateway may sign with; two during a rotation. */
  keys: readonly InternalKey[]
  host: string
  port: number
  maxBodyBytes: number
  log: Logger
}

export interface RunningServer {
  url: string
  server: Server
  health: Health
  /** Ends within 10 s, whatever still runs. */
  stop(): Promise<void>
}

interface GraphQLRequest {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}

/**
 * One subgraph in a process of its own. It believes only the gateway: without a signed identity every request is 401 and
 * tells nothing of the schema (security 2.2). The permission rules of the subgraph still run behind that.
 */
export async function startSubgraphServer(options: SubgraphServerOptions): Promise<RunningServer> {
  const health = new Health(options.services.db)
  const subgraphServer = new SubgraphServer(options)
  const { server, url, drain } = await listen(options.host, options.port, async (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    if (request.method === 'GET' && (await health.answer(path, response))) return
    await subgraphServer.handle(path, request, response)
  })
  health.phase = 'ready'
  return {
    url,
    server,
    health,
    async stop() {
      health.phase = 'draining'
      await drain()
    },
  }
}

class SubgraphServer {
  readonly #documents = new Map<string, DocumentNode>()
  readonly #guard = new ReplayGuard()
  readonly #people: People

  constructor(readonly options: SubgraphServerOptions) {
    this.#people = new People(options.services.db)
  }

  handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request.headers)
    return withRequestId(requestId, async () => {
      try {
        if (path !== '/graphql' || request.method !== 'POST') throw refused()
        const body = await readBody(request, this.options.maxBodyBytes)
        const call = this.#verify(request, body, requestId)
        sendJson(response, 200, await this.#answer(body, call))
      } catch (error) {
        sendError(request, response, error, this.options.log)
      }
    })
  }

  #verify(request: IncomingMessage, body: Buffer, requestId: string): InternalCall {
    const { subgraph, keys, log } = this.options
    try {
      const header = request.headersDistinct[INTERNAL_IDENTITY_HEADER]
      const only = header?.length === 1 ? header[0] : header
      return verifyIdentity(only, { subgraph: subgraph.name, keys, body, guard: this.#guard })
    } catch (error) {
      if (!(error instanceof UntrustedCall)) throw error
      log.warn({ requestId, reason: error.message, from: request.socket.remoteAddress }, 'refused a call')
      throw refused()
    }
  }

  /** A call that is believed is told in a GraphQL answer why it was refused; any other status would mean that this subgraph is away. */
  async #answer(body: Buffer, call: InternalCall) {
    try {
      await this.#refuseOutdated(call)
    } catch (error) {
      return { errors: [presentError(error, this.options.log)] }
    }
    return await this.#execute(parseJson(body) as GraphQLRequest, call)
  }

  /** A change of roles counts from now on, even for a request that the gateway signed just before (ASVS 8.3.2). */
  async #refuseOutdated({ identity }: InternalCall): Promise<void> {
    if (identity.kind === 'ANONYMOUS' || identity.kind === 'SYSTEM') return
    const person = await this.#people.byId(identity.personId)
    if (person && (person.disabled || person.epoch > identity.epoch))
      throw gatewayError('UNAUTHENTICATED', 'Your rights have just changed. Send the request again.')
  }

  async #execute({ query, variables, operationName }: GraphQLRequest, call: InternalCall) {
    const { subgraph, services, log } = this.options
    const document = this.#document(query)
    if (Array.isArray(document)) return { errors: document.map(error => present(error.toJSON(), error, log)) }
    const { identity, requestId, surface, site } = call
    const result = await execute({
      schema: subgraph.schema,
      document,
      variableValues: variables,
      operationName,
      contextValue: createContext(services, identity, requestId, { surface, site }),
    })
    const errors = result.errors?.map(error => present(error.toJSON(), error, log))
    return { data: result.data, ...(errors && { errors }) }
  }

  /** The planner sends the same few documents over and over: each is parsed and validated once. */
  #document(query: string): DocumentNode | GraphQLError[] {
    const known = this.#documents.get(query)
    if (known) return known
    if (typeof query !== 'string') throw gatewayError('BAD_REQUEST', 'The body has no "query".')
    const document = parse(query, { noLocation: true })
    const errors = validate(this.options.subgraph.schema, document)
    if (errors.length) return [...errors]
    if (this.#documents.size >= KEPT_DOCUMENTS) this.#documents.clear()
    this.#documents.set(query, document)
    return document
  }
}

/** The same for every reason, so that nothing can be learnt by trying. */
const refused = () => gatewayError('UNAUTHENTICATED', 'This subgraph answers only to its gateway.', 401)
