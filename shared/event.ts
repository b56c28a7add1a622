import type { Identity, PersonKind } from '#shared/identity.js'
import type { Role } from '#shared/roles.js'

/** One history: everything that happened to one aggregate. */
export interface StreamRef {
  /** The aggregate's type, e.g. `Order`. */
  type: string
  /** The entity's global id, e.g. `ord_4f…`. */
  id: string
}

/**
 * What an aggregate decided, before it is stored. `data` stays for ever; `personal` is kept apart under a salted digest,
 * so that it can be erased while the log stays whole (X19). Readers see both merged.
 */
export interface EventDraft {
  type: string
  data: object
  personal?: object
  /** Ids of other entities this event is about; the stream's own id is always added. */
  refs?: readonly string[]
}

export interface Actor {
  kind: PersonKind
  id: string
  roles: readonly Role[]
  tokenId: string | null
}

export const actorOf = ({ kind, personId, roles, tokenId }: Identity): Actor => ({
  kind,
  id: personId,
  roles,
  tokenId,
})

/** What every event of one action shares (E83). */
export interface EventMetadata {
  actor: Actor
  /** Why; `ROUTINE` where the caller need not say (X7). */
  reasonCode: string
  /** Free words of the actor; personal, so kept apart like `personal`. */
  note?: string | null
  requestId: string
  /** Joins everything that one original request caused. */
  correlationId: string
  /** The event that made a reaction act. */
  causationId?: number | null
  idempotencyKey?: string | null
  surface: string
  site?: string | null
}

/** An event as it lies in the log. */
export interface StoredEvent extends EventMetadata {
  id: number
  /** Dense place in the sealed log; null until sealed, a few ms after commit. */
  position: number | null
  stream: StreamRef
  version: number
  type: string
  schemaVersion: number
  occurredAt: Date
  refs: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on `type`; `#shared/events` narrows it
  data: any
  note: string | null
}
