import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FormattedExecutionResult } from 'graphql'
import { gatewayError, presentError } from '#gateway/errors.js'
import type { Credential } from '#gateway/identity.js'
import type { LiveRequest } from '#gateway/live.js'
import { type LiveHub, Subscriber, startErrors } from '#gateway/live-hub.js'
import type { LiveStream } from '#gateway/live-stream.js'
import type { Surface } from '#gateway/request.js'
import type { Logger } from '#shared/log.js'

/** Proxies cut what is silent for a minute. */
const PING_MS = 15_000

/** Whether a POST asks for an event stream instead of one answer. */
export const wantsEventStream = (request: IncomingMessage): boolean =>
  /(^|[\s,])text\/event-stream\b/i.test(request.headers.accept ?? '')

export interface SseOptions {
  hub: LiveHub
  credential: Credential
  surface: Surface
  requestId: string
  log: Logger
}

/**
 * Answers one subscription as GraphQL over SSE, in the "distinct connections" mode of graphql-sse: `next` events, then
 * `complete`. Written here, because the library's handler queues without bound what a slow reader does not take (F14), and
 * would also open its other mode, in which a token travels in the address.
 */
export async function answerEventStream(
  response: ServerResponse,
  request: LiveRequest,
  { hub, credential, surface, requestId, log }: SseOptions,
): Promise<void> {
  let lost: string | null = null
  const subscriber = new Subscriber(credential, surface, requestId, reason => {
    lost = reason
    hub.leave(subscriber)
  })
  response.once('close', () => hub.leave(subscriber))
  await hub.join(subscriber)
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  await write(response, ':\n\n')
  const ping = setInterval(() => response.write(':\n\n'), PING_MS)
  try {
    await send(response, await start(hub, subscriber, request, log))
    if (lost !== null)
      await next(response, { errors: [presentError(gatewayError('FORBIDDEN', lost, 403), log)] })
  } finally {
    clearInterval(ping)
    hub.leave(subscriber)
  }
  response.end('event: complete\ndata: \n\n')
}

/** Errors at the start are an update too: the reader of a stream looks for them nowhere else. */
async function start(
  hub: LiveHub,
  subscriber: Subscriber,
  request: LiveRequest,
  log: Logger,
): Promise<LiveStream | FormattedExecutionResult[]> {
  try {
    return await hub.subscribe(subscriber, request)
  } catch (error) {
    return [{ errors: startErrors(error, log, hub.options.schema) }]
  }
}

async function send(
  response: ServerResponse,
  updates: AsyncIterable<FormattedExecutionResult> | Iterable<FormattedExecutionResult>,
): Promise<void> {
  for await (const update of updates) {
    if (response.destroyed) return
    await next(response, update)
  }
}

const next = (response: ServerResponse, update: FormattedExecutionResult) =>
  write(response, `event: next\ndata: ${JSON.stringify(update)}\n\n`)

/** Waits for a slow reader before the next event is looked at. */
function write(response: ServerResponse, text: string): Promise<void> | void {
  if (response.destroyed || response.write(text)) return
  return new Promise(resolve => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
