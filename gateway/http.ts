import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gatewayError, presentError, statusOf } from '#gateway/errors.js'
import type { Logger } from '#shared/log.js'

/** JSON nested deeper than any input of ours; parsers and walkers recurse, so it is refused before it is parsed. */
const DEEPEST_JSON = 64
/** How long a sender of too much may go on sending, so that it still gets to read why it was refused. */
const LINGER_MS = 2_000

const megabytes = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`

const tooLarge = (most: number) =>
  gatewayError(
    'PAYLOAD_TOO_LARGE',
    `The body is larger than ${megabytes(most)}, which is all this server takes.`,
    413,
  )

/**
 * Reads a body, never more than `most` bytes of it.
 * @throws {GraphQLError} PAYLOAD_TOO_LARGE (413), BAD_REQUEST when it is compressed
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']
  if (encoding && encoding !== 'identity')
    throw gatewayError(
      'BAD_REQUEST',
      'Compressed bodies are not taken here: send it without content-encoding.',
      415,
    )
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > most) throw tooLarge(most)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** How deep brackets nest outside of strings. */
function nestingOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inString) {
      if (char === 92) at++
      else if (char === 34) inString = false
    } else if (char === 34) inString = true
    else if (char === 123 || char === 91) deepest = Math.max(deepest, ++depth)
    else if (char === 125 || char === 93) depth--
  }
  return deepest
}

/**
 * Reads JSON that a stranger sent.
 * @throws {GraphQLError} BAD_REQUEST saying what is wrong with it
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0)
    throw gatewayError('BAD_REQUEST', 'The body is empty. Send JSON such as {"query": "{ __typename }"}.')
  // Decoding would put U+FFFD where the sender had something else.
  if (!isUtf8(body)) throw gatewayError('BAD_REQUEST', 'The body is not UTF-8.')
  const text = body.toString('utf8')
  if (nestingOf(text) > DEEPEST_JSON)
    throw gatewayError('BAD_REQUEST', `The body is nested more than ${DEEPEST_JSON} levels deep.`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw gatewayError('BAD_REQUEST', `The body is not JSON: ${(error as Error).message}.`)
  }
}

/** Only JSON: a form or plain text is what another site can make a browser send without asking (CSRF). */
export function requireJson(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? ''
  if (/^application\/(graphql\+)?json\s*(;|$)/i.test(type)) return
  throw gatewayError('BAD_REQUEST', 'Send the header "Content-Type: application/json".', 415)
}

/** Answers with JSON that is never cached. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}

/** Answers with one error in the form of GraphQL, whatever it was that failed. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  log: Logger,
): void {
  const status = statusOf(error)
  const headers: Record<string, string> = {}
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  if (status === 503) headers['retry-after'] = '1'
  if (!request.complete) {
    // Read and thrown away: closing at once would cut the sender off before it reads the answer.
    request.resume()
    const cut = setTimeout(() => request.complete || request.destroy(), LINGER_MS)
    request.once('end', () => clearTimeout(cut))
  }
  sendJson(response, status, { errors: [presentError(error, log)] }, headers)
}
