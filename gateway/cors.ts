import type { IncomingMessage, ServerResponse } from 'node:http'

const ALLOWED_HEADERS = 'authorization, content-type, x-request-id, x-opsgraph-surface, x-opsgraph-site'
const A_DAY = '86400'

/** Which browsers' pages may call: those of this server itself, and the origins of ALLOWED_ORIGINS. */
export function isAllowedOrigin(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (allowed.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/**
 * Lets the pages of allowed origins read the answer. No cookies are involved anywhere, so credentials are never allowed.
 * @returns true when the request was a preflight, which is answered
 */
export function cors(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
  methods = 'POST',
): boolean {
  const { origin } = request.headers
  response.setHeader('vary', 'origin')
  if (origin !== undefined && allowed.includes(origin)) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-expose-headers', 'x-request-id')
  }
  if (request.method !== 'OPTIONS') return false
  if (response.hasHeader('access-control-allow-origin')) {
    response.setHeader('access-control-allow-methods', methods)
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS)
    response.setHeader('access-control-max-age', A_DAY)
  }
  response.writeHead(204, { allow: `${methods}, OPTIONS` }).end()
  return true
}
