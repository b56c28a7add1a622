import type { EntityManager } from 'typeorm'
import type { Identity } from '#shared/identity.js'
import type { Loaders } from '#shared/loader.js'
import type { Logger } from '#shared/log.js'
import type { Services } from '#shared/services.js'

/** Who asks for an action, and from where. Reactions have one too. */
export interface Caller {
  services: Services
  identity: Identity
  requestId: string
  /** The product the caller sits in front of, e.g. `opsgraph` or `dashboard` (D62). */
  surface: string
  site: string | null
  /** Set when a reaction acts: the event that made it, and what began it all. */
  causationId?: number
  correlationId?: string
}

/** What a resolver knows. Made anew for each operation and each subscription event, never copied (F6). */
export interface Context extends Caller {
  /** Reads outside a transaction. */
  db: EntityManager
  loaders: Loaders
  log: Logger
}
