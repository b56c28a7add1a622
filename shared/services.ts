import type { DataSource } from 'typeorm'
import type { Config } from '#shared/config.js'
import type { Context } from '#shared/context.js'
import type { EventStore } from '#shared/event-store.js'
import type { Feed } from '#shared/feed.js'
import type { FileTokens } from '#shared/file-token.js'
import type { Identity } from '#shared/identity.js'
import type { Keys } from '#shared/keys.js'
import { Loaders } from '#shared/loader.js'
import type { Logger } from '#shared/log.js'
import type { TicketTokens } from '#shared/ticket-token.js'
import type { VerifyOptions } from '#shared/verify-report.js'

/** What one process has: made at start, shared by all requests. */
export interface Services {
  /** As this process was started: nothing else reads the environment. */
  config: Config
  keys: Keys
  db: DataSource
  store: EventStore
  feed: Feed
  log: Logger
  /** Today, which tests can move. */
  clock: () => Date
  /** The hour, which nothing moves: sign-ins age by it, as tokens do. Absent: by `clock`. */
  wall?: () => Date
  /** Signs the addresses of files; absent where none are made. */
  files?: FileTokens
  /** Signs what opens tickets to those who did not sign in; absent where nobody does. */
  tickets?: TicketTokens
  /** What a verification of the log is checked against; without it, nothing but its own chain. */
  proof?: Omit<VerifyOptions, 'onProgress'>
}

/**
 * What a process makes of its settings once, when it first needs it: a client of somebody outside, a key that follows from another.
 * @returns what was made for these services
 */
export function madeOnce<T>(make: (services: Services) => T): (services: Services) => T {
  const made = new WeakMap<Services, { value: T }>()
  return services => {
    const known = made.get(services) ?? { value: make(services) }
    made.set(services, known)
    return known.value
  }
}

/** Where a request came from, as its headers say. */
export interface Origin {
  surface: string
  site: string | null
}

export const HERE: Origin = { surface: 'opsgraph', site: null }

/** A context for one operation: fresh loaders, nothing carried over (F6). */
export function createContext(
  services: Services,
  identity: Identity,
  requestId: string,
  origin: Origin = HERE,
): Context {
  return {
    services,
    identity,
    requestId,
    db: services.db.manager,
    loaders: new Loaders(services.db.manager, identity),
    log: services.log,
    ...origin,
  }
}
