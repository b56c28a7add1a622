import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { gatewayError } from '#gateway/errors.js'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'

/** What the gateway knows of one operation; the `contextValue` of Apollo Server, which copies the outer object only. */
export interface Operation {
  identity: Identity
  requestId: string
  surface: string
  site: string | null
  /** The one Context that all subgraphs of this process share while the operation runs, so its loaders are shared too. */
  context: Context
}

/** The product a caller sits in front of, and which of its sites (D62). */
export interface Surface {
  surface: string
  site: string | null
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{8,128}$/
const SLUG = /^[a-z0-9][a-z0-9._-]{0,63}$/i

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** The caller's `x-request-id` when it is safe to log, else one of ours. */
export const requestIdOf = (headers: IncomingHttpHeaders): string => {
  const given = one(headers['x-request-id'])
  return given && REQUEST_ID.test(given) ? given : randomUUID()
}

/**
 * Reads `x-opsgraph-surface` and `x-opsgraph-site`, which end up in every event.
 * @throws {GraphQLError} BAD_REQUEST when one is not a short name
 */
export function surfaceOf(headers: IncomingHttpHeaders): Surface {
  const surface = one(headers['x-opsgraph-surface']) ?? 'opsgraph'
  const site = one(headers['x-opsgraph-site']) ?? null
  for (const [name, value] of Object.entries({ surface, site }))
    if (value !== null && !SLUG.test(value))
      throw gatewayError(
        'BAD_REQUEST',
        `The header x-opsgraph-${name} has to be a name of up to 64 letters, digits, ".", "_" or "-".`,
      )
  return { surface, site }
}
