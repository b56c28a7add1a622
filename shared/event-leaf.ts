import { createHmac } from 'node:crypto'
import { canonicalJson, sha256 } from '#shared/canonical.js'

const FIRST_LEAF = Buffer.from([0])

/** Everything of an event that its leaf covers: the columns but id, version and hash, which the database gives. */
export interface LeafContent {
  streamType: string
  streamId: string
  type: string
  schemaVersion: number
  /** Microseconds since 1970. A number, because the text of a timestamp depends on the session's time zone. */
  at: number
  actorKind: string
  actor: string
  actorRoles: readonly string[]
  tokenId: string | null
  reason: string
  requestId: string
  correlationId: string
  causationId: number | null
  idempotencyKey: string | null
  surface: string
  site: string | null
  refs: readonly string[]
  payload: unknown
  privateDigest: string | null
  nonce: string
}

/** sha-256 over 0x00 and the canonical JSON of the content. */
export const leafOf = (content: LeafContent): Buffer => sha256(FIRST_LEAF, canonicalJson(content))

/** What only somebody with the key can write: tells a forged event from ours (data 2.5, case 11). */
export const macOf = (key: Buffer, leaf: Buffer): Buffer => createHmac('sha256', key).update(leaf).digest()

/** Salted, so that a digest says nothing about a short or guessable body. */
export const privateDigestOf = (salt: Buffer, body: unknown): Buffer => sha256(salt, canonicalJson(body))
