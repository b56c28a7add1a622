import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import {
  type DocumentNode,
  type FormattedExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  parse,
} from 'graphql'
import { publicRootFields, requireIdentity, rootFields } from '#gateway/access.js'
import { cors } from '#gateway/cors.js'
import { gatewayError, present, withRequestId } from '#gateway/errors.js'
import { Files } from '#gateway/files.js'
import { Health } from '#gateway/health.js'
import { parseJson, readBody, requireJson, sendError } from '#gateway/http.js'
import type { Ide } from '#gateway/ide.js'
import { type Authenticator, unauthenticated } from '#gateway/identity.js'
import { INBOUND_MAIL_PATH, InboundMail } from '#gateway/inbound-mail.js'
import { LIMIT_RULES, LIMITS, limitCost } from '#gateway/limits.js'
import { listen } from '#gateway/listen.js'
import { checkLiveFields, LIVE_FIELDS, type LiveField, type LiveRequest } from '#gateway/live.js'
import { LiveHub, type Run } from '#gateway/live-hub.js'
import { attachSockets } from '#gateway/live-socket.js'
import { answerEventStream, wantsEventStream } from '#gateway/live-sse.js'
import { Mailbox } from '#gateway/mailbox.js'
import { quiet } from '#gateway/quiet-log.js'
import { type Operation, requestIdOf, type Surface, surfaceOf } from '#gateway/request.js'
import type { RunningServer } from '#gateway/subgraph-server.js'
import { createSupergraph, type DataSource } from '#gateway/supergraph.js'
import { STRIPE_PATH, Webhooks } from '#gateway/webhooks.js'
import type { Config } from '#shared/config.js'
import { FILES_PATH } from '#shared/file-token.js'
import type { Identity } from '#shared/identity.js'
import type { Logger } from '#shared/log.js'
import { createContext, type Services } from '#shared/services.js'

export interface GatewayOptions {
  config: Pick<Config, 'mode' | 'host' | 'port' | 'allowedOrigins' | 'maxBodyBytes'> &
    Partial<Pick<Config, 'payments' | 'files' | 'dataDir' | 'trustedProxies' | 'mail'>>
  services: Services
  authenticator: Authenticator
  supergraphSdl: string
  /** Where each subgraph is asked. */
  dataSource: (subgraph: string) => DataSource
  log: Logger
  /** The page at `/`; absent: there is none. */
  ide?: Ide
  liveFields?: Readonly<Record<string, LiveField>>
}

export interface RunningGateway extends RunningServer {
  /** The schema that clients see. */
  schema: GraphQLSchema
  /** Runs an operation without HTTP, on the same road. */
  run: Run
}

const PATH = '/graphql'

/**
 * Starts the one endpoint of Opsgraph: HTTP, subscriptions over WebSocket and SSE, health, and the page to try it.
 * @throws {ListenError} when the port is taken
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { config, services, authenticator, log, liveFields = LIVE_FIELDS } = options
  const engine = new Engine(options)
  const schema = await engine.start()
  checkLiveFields(schema, liveFields)
  const health = new Health(services.db)
  const hub = new LiveHub({
    schema,
    feed: services.feed,
    authenticator,
    run: engine.run,
    log,
    fields: liveFields,
  })
  const front = new Front(options, engine, hub, health)
  const handle = (request: IncomingMessage, response: ServerResponse) => void front.handle(request, response)
  const { server, url, drain } = await listen(config.host, config.port, handle, patienceFor)
  const closeSockets = attachSockets(server, {
    hub,
    authenticator,
    allowedOrigins: config.allowedOrigins,
    log,
  })
  health.phase = 'ready'
  return {
    url,
    server,
    health,
    schema,
    run: engine.run,
    async stop() {
      health.phase = 'draining'
      closeSockets()
      hub.close()
      await drain()
      await engine.stop()
    },
  }
}

/** Runs operations: Apollo Server and the supergraph, without HTTP. */
class Engine {
  readonly apollo: ApolloServer<Operation>
  readonly #open: ReadonlySet<string>
  #schema: GraphQLSchema | null = null

  constructor(readonly options: GatewayOptions) {
    const { config, supergraphSdl, dataSource, log } = options
    this.#open = publicRootFields(supergraphSdl)
    this.apollo = new ApolloServer<Operation>({
      gateway: createSupergraph({ supergraphSdl, dataSource, log }),
      formatError: (formatted, error) => present(formatted, error, log, this.#schema),
      validationRules: LIMIT_RULES,
      validationOptions: { maxErrors: 20 },
      parseOptions: { maxTokens: LIMITS.tokens },
      plugins: [
        this.#rememberSchema(),
        gate(this.#open, config.mode),
        limitCost,
        ApolloServerPluginCacheControlDisabled(),
        ApolloServerPluginInlineTraceDisabled(),
        ApolloServerPluginLandingPageDisabled(),
        ApolloServerPluginUsageReportingDisabled(),
      ],
      // Decided by the gate, which knows who asks.
      introspection: true,
      hideSchemaDetailsFromClientErrors: config.mode === 'production',
      includeStacktraceInErrorResponses: false,
      persistedQueries: false,
      allowBatchedHttpRequests: false,
      stopOnTerminationSignals: false,
      nodeEnv: config.mode,
      logger: quiet(log),
    })
  }

  async start(): Promise<GraphQLSchema> {
    await this.apollo.start()
    if (!this.#schema) throw new Error('the supergraph has no schema')
    return this.#schema
  }

  stop(): Promise<void> {
    return this.apollo.stop()
  }

  readonly run: Run = async ({ query, variables }, { identity, requestId, surface, site }) => {
    const contextValue = this.operation(identity, requestId, { surface, site })
    const { body } = await withRequestId(requestId, () =>
      this.apollo.executeOperation({ query, variables }, { contextValue }),
    )
    if (body.kind !== 'single') throw new Error('the gateway answered in parts')
    return body.singleResult as FormattedExecutionResult
  }

  /**
   * Before anything of theirs is validated: validating takes long, and its errors tell of the schema. What does not parse is left
   * to Apollo to refuse.
   * @throws {GraphQLError} UNAUTHENTICATED
   */
  turnStrangersAway({ query, operationName }: LiveRequest, identity: Identity): void {
    if (identity.kind !== 'ANONYMOUS') return
    const document = parsed(query)
    const chosen = document && getOperationAST(document, operationName)
    for (const node of chosen ? [chosen] : (document?.definitions ?? []))
      if (node.kind === Kind.OPERATION_DEFINITION) requireIdentity(identity, this.#open, document!, node)
  }

  /** A new one for each operation, and never a copy (F6). */
  operation(identity: Identity, requestId: string, surface: Surface): Operation {
    const context = createContext(this.options.services, identity, requestId, surface)
    return { identity, requestId, ...surface, context }
  }

  #rememberSchema(): ApolloServerPlugin<Operation> {
    return {
      serverWillStart: async () => ({
        schemaDidLoadOrUpdate: ({ apiSchema }) => {
          this.#schema = apiSchema
        },
      }),
    }
  }
}

/** What is refused before anything is planned: strangers, reading the schema in production, subscriptions sent as a POST. */
function gate(open: ReadonlySet<string>, mode: Config['mode']): ApolloServerPlugin<Operation> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, contextValue }) {
          if (!operation)
            throw gatewayError(
              'OPERATION_RESOLUTION_FAILURE',
              'The document has several operations, or none of the name sent: say which one in "operationName".',
            )
          requireIdentity(contextValue.identity, open, document, operation)
          if (operation.operation === 'subscription')
            throw gatewayError(
              'BAD_REQUEST',
              'Subscriptions need a stream: use graphql-ws on this path, or send the header "Accept: text/event-stream".',
            )
          if (mode === 'production' && rootFields(document, operation).some(readsSchema))
            throw gatewayError(
              'INTROSPECTION_DISABLED',
              'The schema is not told here. Take it from schema/api.graphql.',
            )
        },
      }
    },
  }
}

const readsSchema = ({ name }: { name: { value: string } }) => ['__schema', '__type'].includes(name.value)

/** HTTP: which path, who asks, one answer. */
class Front {
  readonly #webhooks: Webhooks
  readonly #files: Files | null
  readonly #inboundMail: InboundMail
  readonly #mailbox: Mailbox | null

  constructor(
    readonly options: GatewayOptions,
    readonly engine: Engine,
    readonly hub: LiveHub,
    readonly health: Health,
  ) {
    this.#webhooks = new Webhooks(options.config.payments ?? { provider: 'ledger' }, engine.run)
    this.#files = filesOf(options, engine.run)
    const { mode, mail } = options.config
    this.#inboundMail = new InboundMail(mail, placeOfFiles(options), engine.run, options.log)
    const keepsMail = mode === 'development' && mail?.by === 'mailbox'
    this.#mailbox = keepsMail ? new Mailbox(options.services.db) : null
  }

  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request.headers)
    response.setHeader('x-request-id', requestId)
    if (this.health.phase === 'draining') response.setHeader('connection', 'close')
    return withRequestId(requestId, async () => {
      try {
        await this.#route(request, response, requestId)
      } catch (error) {
        if (response.headersSent) response.destroy()
        sendError(request, response, error, this.options.log)
      }
    })
  }

  async #route(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const path = request.url?.split('?')[0] ?? '/'
    if (path === PATH) return await this.#graphql(request, response, requestId)
    if (path === STRIPE_PATH) {
      this.#refuseWhileStopping()
      return await this.#webhooks.stripe(request, response, requestId)
    }
    if (path === INBOUND_MAIL_PATH) {
      this.#refuseWhileStopping()
      return await this.#inboundMail.receive(request, response, requestId)
    }
    if (path.startsWith(FILES_PATH) && this.#files) {
      this.#refuseWhileStopping()
      return await this.#files.answer(path, request, response, requestId)
    }
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (await this.health.answer(path, response)) return
      if (await this.#mailbox?.answer(path, request, response)) return
      if (await this.options.ide?.answer(path, request, response)) return
    }
    throw gatewayError(
      'NOT_FOUND',
      `There is nothing at this address. GraphQL is served at POST ${PATH}.`,
      404,
    )
  }

  async #graphql(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { allowedOrigins, maxBodyBytes } = this.options.config
    this.#refuseWhileStopping()
    if (cors(request, response, allowedOrigins)) return
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST, OPTIONS')
      throw gatewayError('BAD_REQUEST', `GraphQL is served to POST only, not to ${request.method}.`, 405)
    }
    requireJson(request)
    const surface = surfaceOf(request.headers)
    const { authorization } = request.headers
    if (wantsEventStream(request)) {
      const body = operationIn(parseJson(await readBody(request, maxBodyBytes)))
      return await this.#stream(response, body, authorization, surface, requestId)
    }
    const known = await this.options.authenticator.authenticate(authorization)
    const identity = known.kind === 'ANONYMOUS' ? { ...known, address: this.#addressOf(request) } : known
    const body = operationIn(parseJson(await readBody(request, maxBodyBytes)))
    this.engine.turnStrangersAway(body, identity)
    await this.#answer(request, response, body, this.engine.operation(identity, requestId, surface))
  }

  /** As told by proxies in front, when it is known how many there are: what stands further left anybody can have written. */
  #addressOf(request: IncomingMessage): string | null {
    const { trustedProxies = 0 } = this.options.config
    const told = String(request.headers['x-forwarded-for'] ?? '').split(',')
    const client = trustedProxies > 0 ? told.at(-trustedProxies)?.trim() : null
    return client || (request.socket.remoteAddress ?? null)
  }

  #refuseWhileStopping(): void {
    if (this.health.phase !== 'draining') return
    throw gatewayError(
      'SHUTTING_DOWN',
      'This server is stopping. Send the request again: another one answers.',
      503,
    )
  }

  async #stream(
    response: ServerResponse,
    body: LiveRequest,
    authorization: string | undefined,
    surface: Surface,
    requestId: string,
  ): Promise<void> {
    if (!authorization) throw unauthenticated('Send the header "Authorization: Bearer <token>".')
    const { authenticator, log } = this.options
    const credential = await authenticator.verify(authorization)
    await answerEventStream(response, body, { hub: this.hub, credential, surface, requestId, log })
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    operation: Operation,
  ): Promise<void> {
    const result = await this.engine.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers: headersOf(request), search: '', body },
      context: async () => operation,
    })
    if (result.body.kind !== 'complete') throw new Error('the gateway answered in parts')
    if (response.destroyed) return
    response.writeHead(result.status ?? 200, {
      ...Object.fromEntries(result.headers),
      ...(result.status === 401 && { 'www-authenticate': 'Bearer' }),
      'content-length': Buffer.byteLength(result.body.string),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(result.body.string)
  }
}

/** 25 MiB by a phone take their time. */
const patienceFor = ({ url }: IncomingMessage): number | null =>
  url?.startsWith(FILES_PATH) ? 300_000 : null

/** Absent where nothing says where files lie. */
function placeOfFiles({ config: { files, dataDir } }: GatewayOptions) {
  return files && dataDir ? { files, dataDir } : null
}

/** Absent where they have no place, or addresses cannot be signed. */
function filesOf(options: GatewayOptions, run: Run): Files | null {
  const { config, services, authenticator, log } = options
  const place = placeOfFiles(options)
  if (!place || !services.files) return null
  const { clock, files: tokens } = services
  const { allowedOrigins } = config
  return new Files({ config: { ...place, allowedOrigins }, tokens, authenticator, run, clock, log })
}

const parsed = (query: string): DocumentNode | null => {
  try {
    return parse(query, { noLocation: true, maxTokens: LIMITS.tokens })
  } catch {
    return null
  }
}

/** What Apollo would say of these is about its own past. */
function operationIn(body: unknown): LiveRequest {
  if (Array.isArray(body))
    throw gatewayError('BAD_REQUEST', 'Send one operation in each request: batches are not taken.')
  const query = body && typeof body === 'object' ? (body as { query?: unknown }).query : undefined
  if (typeof query === 'string' && query.length > LIMITS.characters)
    throw gatewayError(
      'PAYLOAD_TOO_LARGE',
      `The query is longer than ${LIMITS.characters} characters: send long values as variables.`,
      413,
    )
  if (typeof query === 'string' && query.trim()) return body as LiveRequest
  throw gatewayError(
    'BAD_REQUEST',
    'The body has to be a JSON object with a "query", such as {"query": "{ __typename }"}.',
  )
}

const headersOf = (request: IncomingMessage): HeaderMap => {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  return headers
}
