import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The whole request has to be there within this; a slow sender holds a connection no longer. */
const REQUEST_TIMEOUT_MS = 30_000
/** Whatever it is. */
const LONGEST_REQUEST_MS = 300_000
const HEADERS_TIMEOUT_MS = 10_000
/** Longer than the 60 s for which load balancers commonly keep a connection, so that they are the ones to close it. */
const KEEP_ALIVE_MS = 65_000
/** What is running gets this long to end (R5). */
const DRAIN_MS = 10_000

/** The server cannot listen where it was told to. */
export class ListenError extends Error {
  override name = 'ListenError'
}

const explain = ({ code, message }: NodeJS.ErrnoException, host: string, port: number): string => {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken by another program. Set PORT to another one (PORT=0 takes any that is free).`
  if (code === 'EACCES') return `This user may not listen on port ${port}. Set PORT to one above 1023.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no address ${host}. Check HOST.`
  return `Cannot listen on ${host}:${port}: ${message}`
}

/** A server that listens. */
export interface Listening {
  server: Server
  /** Where a browser on this machine reaches it. */
  url: string
  /** Waits for the requests that run, then closes; cuts what has not ended after `ms`. */
  drain(ms?: number): Promise<void>
}

/** For requests that may take longer than others, e.g. files: how long, ms; null for the usual. At most five minutes. */
export type Patience = (request: IncomingMessage) => number | null

/** Ends a request that is not there in time, as Node does when one time holds for all. */
function hurry(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const late = setTimeout(() => {
    if (request.complete) return
    if (!response.headersSent) response.writeHead(408, { connection: 'close' }).end()
    request.destroy()
  }, ms)
  late.unref()
  request.once('end', () => clearTimeout(late))
  response.once('close', () => clearTimeout(late))
}

/**
 * Starts an HTTP server.
 * @param port 0 for any free one
 * @throws {ListenError} saying what to change
 */
export function listen(
  host: string,
  port: number,
  handler: RequestListener,
  patience: Patience = () => null,
): Promise<Listening> {
  const running = new Set<ServerResponse>()
  const server = createServer(
    {
      requestTimeout: LONGEST_REQUEST_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      running.add(response)
      response.once('close', () => running.delete(response))
      hurry(request, response, patience(request) ?? REQUEST_TIMEOUT_MS)
      handler(request, response)
    },
  )
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(new ListenError(explain(error, host, port))))
    server.listen(port, host, () =>
      resolve({ server, url: urlOf(server, host), drain: (ms = DRAIN_MS) => drain(server, running, ms) }),
    )
  })
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const name = ['0.0.0.0', '::', '127.0.0.1'].includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Goes on listening meanwhile, so that a load balancer can still be told that this process is not ready (R5). */
async function drain(server: Server, running: ReadonlySet<ServerResponse>, ms: number): Promise<void> {
  const end = Date.now() + ms
  while (running.size > 0 && Date.now() < end) await sleep(20)
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
