import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type FormattedExecutionResult, GraphQLError, parse } from 'graphql'
import { CloseCode, handleProtocols, makeServer, type Server as ProtocolServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { isAllowedOrigin } from '#gateway/cors.js'
import { gatewayError, presentError, withRequestId } from '#gateway/errors.js'
import { type Authenticator, type Credential, unauthenticated } from '#gateway/identity.js'
import { PlanErrors } from '#gateway/live.js'
import { type LiveHub, Subscriber, startErrors } from '#gateway/live-hub.js'
import { requestIdOf, type Surface, surfaceOf } from '#gateway/request.js'
import type { Logger } from '#shared/log.js'

/** What one socket and one person may hold open (security 2.7). */
export const SOCKET_LIMITS = {
  payloadBytes: 64 * 1024,
  subscriptions: 20,
  socketsPerPerson: 5,
  initTimeoutMs: 3_000,
  pingMs: 15_000,
} as const

export interface SocketOptions {
  hub: LiveHub
  authenticator: Pick<Authenticator, 'verify'>
  allowedOrigins: readonly string[]
  log: Logger
}

interface Extra {
  socket: WebSocket
  surface: Surface
  requestId: string
  subscriber?: Subscriber
}

/** A token in `connection_init`, and nowhere else: addresses end up in logs. */
type Params = { authorization?: unknown; Authorization?: unknown } & Record<string, unknown>

const PATH = '/graphql'
/** A close reason may be 123 bytes long. */
const reasonOf = (text: string): string => (Buffer.byteLength(text) <= 123 ? text : `${text.slice(0, 40)}…`)

/**
 * Subscriptions over WebSocket (`graphql-transport-ws`) on /graphql. Queries and mutations are refused here: they would go
 * round what guards HTTP. The protocol is graphql-ws's; the socket is handled here, because its own adapter writes to the
 * console what any stranger can provoke.
 * @returns a function that closes all sockets with 1001
 */
export function attachSockets(server: Server, options: SocketOptions): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_LIMITS.payloadBytes,
    handleProtocols: protocols => handleProtocols(protocols),
  })
  const protocol = protocolServer(options)
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', err => options.log.debug({ err }, 'socket broke before its upgrade'))
    const surface = admit(request, socket, options.allowedOrigins)
    if (!surface) return
    const requestId = requestIdOf(request.headers)
    sockets.handleUpgrade(request, socket, head, opened =>
      serve(protocol, opened, surface, requestId, options.log),
    )
  })
  return () => {
    for (const socket of sockets.clients) socket.close(1001, 'Going away')
    setTimeout(() => sockets.clients.forEach(socket => void socket.terminate()), 1_000).unref()
  }
}

/** @returns null when the upgrade was refused */
function admit(request: IncomingMessage, socket: Duplex, allowedOrigins: readonly string[]): Surface | null {
  const refuse = (status: string) => {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    return null
  }
  if (request.url?.split('?')[0] !== PATH) return refuse('404 Not Found')
  if (!isAllowedOrigin(request, allowedOrigins)) return refuse('403 Forbidden')
  try {
    return surfaceOf(request.headers)
  } catch {
    return refuse('400 Bad Request')
  }
}

function serve(
  protocol: ProtocolServer<Extra>,
  socket: WebSocket,
  surface: Surface,
  requestId: string,
  log: Logger,
): void {
  // Without a listener, a message that is too long would end the process (security 2.7).
  socket.on('error', err => log.debug({ err, requestId }, 'socket broke'))
  const stopPinging = keepAlive(socket)
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the bytes have left, so that the next event is pulled only then.
      send: data =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) resolve()
          else socket.send(data, error => (error ? reject(error) : resolve()))
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: take =>
        socket.on('message', data => {
          withRequestId(requestId, () => take(String(data))).catch((err: unknown) => {
            log.warn({ err, requestId }, 'socket message failed')
            socket.close(CloseCode.InternalServerError, 'Internal server error')
          })
        }),
    },
    { socket, surface, requestId },
  )
  socket.once('close', (code, reason) => {
    stopPinging()
    void closed(code, String(reason))
  })
}

function keepAlive(socket: WebSocket): () => void {
  let alive = true
  socket.on('pong', () => {
    alive = true
  })
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, SOCKET_LIMITS.pingMs)
  return () => clearInterval(timer)
}

const forbid = (socket: WebSocket, reason: string) => socket.close(CloseCode.Forbidden, reasonOf(reason))

function protocolServer({ hub, authenticator, log }: SocketOptions): ProtocolServer<Extra> {
  const connect = async (params: Params, extra: Extra): Promise<boolean> => {
    const credential = await credentialIn(params, authenticator)
    if (hub.connectionsOf(credential.personId) >= SOCKET_LIMITS.socketsPerPerson)
      throw gatewayError(
        'TOO_MANY_SUBSCRIPTIONS',
        `At most ${SOCKET_LIMITS.socketsPerPerson} sockets for each person.`,
      )
    const close = (reason: string) => forbid(extra.socket, reason)
    extra.subscriber = new Subscriber(credential, extra.surface, extra.requestId, close)
    await hub.join(extra.subscriber)
    return true
  }
  return makeServer<Params, Extra>({
    connectionInitWaitTimeout: SOCKET_LIMITS.initTimeoutMs,
    async onConnect({ connectionParams, extra }) {
      try {
        return await connect(connectionParams ?? {}, extra)
      } catch (error) {
        forbid(extra.socket, presentError(error, log).message)
        return false
      }
    },
    async onSubscribe({ extra, subscriptions }, _id, payload) {
      try {
        if (Object.keys(subscriptions).length > SOCKET_LIMITS.subscriptions) throw tooMany()
        const stream = await hub.subscribe(extra.subscriber!, payload)
        // The protocol server looks at the document only to see that it is a subscription.
        return {
          schema: hub.options.schema,
          document: parse('subscription { _ }'),
          contextValue: stream,
        } as ExecutionArgs
      } catch (error) {
        return startErrors(error, log, hub.options.schema).map(
          ({ message, ...rest }) => new GraphQLError(message, rest),
        )
      }
    },
    subscribe: ({ contextValue }) => contextValue as AsyncIterable<FormattedExecutionResult> as never,
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onClose: ({ extra }) => {
      if (extra.subscriber) hub.leave(extra.subscriber)
    },
  })
}

const tooMany = () =>
  new PlanErrors([
    gatewayError(
      'TOO_MANY_SUBSCRIPTIONS',
      `A socket carries at most ${SOCKET_LIMITS.subscriptions} subscriptions.`,
    ),
  ])

async function credentialIn(
  params: Params,
  authenticator: Pick<Authenticator, 'verify'>,
): Promise<Credential> {
  const header = params.authorization ?? params.Authorization
  if (typeof header === 'string') return await authenticator.verify(header)
  throw unauthenticated('connection_init has to carry {"authorization": "Bearer <token>"}.')
}
