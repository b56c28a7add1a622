import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Identity } from '#shared/identity.js'

/** The one header in which the gateway tells a subgraph for whom it asks. */
export const INTERNAL_IDENTITY_HEADER = 'x-internal-identity'

/** How long a signed identity lives: the 3 s a subgraph may take, and clocks that differ a little. */
const LIFETIME_SECONDS = 20
const LONGEST_SECONDS = 30
const SKEW_SECONDS = 5
/** Longer than any signed identity can be valid, so a replay is always remembered. */
const REMEMBER_SECONDS = LONGEST_SECONDS + 2 * SKEW_SECONDS

/** The key that the gateway and ONE subgraph share: another subgraph cannot forge with it. */
export interface InternalKey {
  kid: string
  key: Buffer
}

/** What the gateway says about a request, as a subgraph may rely on it. */
export interface InternalCall {
  identity: Identity
  requestId: string
  surface: string
  site: string | null
  /** SHA-256 of the client's operation, base64url: joins the fetches of one request in logs. */
  operation: string
}

interface Claims extends InternalCall {
  iss: 'gw'
  aud: string
  /** SHA-256 of the exact body, base64url: a captured identity fits no other body. */
  bh: string
  jti: string
  iat: number
  exp: number
}

/** Why a call is not believed. The reason is for the log: the caller only hears 401. */
export class UntrustedCall extends Error {
  override name = 'UntrustedCall'
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('base64url')
const mac = (key: Buffer, signed: string): Buffer => createHmac('sha256', key).update(signed).digest()
const seconds = (now: Date): number => Math.floor(now.getTime() / 1000)

/**
 * Signs who is asking, for one body to one subgraph: `v1.<kid>.<claims>.<HMAC-SHA256>` (security 2.3). Plain HMAC, because a
 * JOSE library takes twelve times as long and the two ends are ours.
 * @param key the newest key shared with that subgraph
 * @param subgraph the only one that will accept it
 * @param body the exact bytes of the request
 */
export function signIdentity(
  key: InternalKey,
  subgraph: string,
  call: InternalCall,
  body: string | Uint8Array,
  now = new Date(),
): string {
  const { identity, requestId, surface, site, operation } = call
  const iat = seconds(now)
  const claims: Claims = {
    identity,
    requestId,
    surface,
    site,
    operation,
    iss: 'gw',
    aud: subgraph,
    bh: sha256(body),
    jti: randomBytes(12).toString('base64url'),
    iat,
    exp: iat + LIFETIME_SECONDS,
  }
  const signed = `v1.${key.kid}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${signed}.${mac(key.key, signed).toString('base64url')}`
}

/** The identities already used, kept as long as they could be used again. One per process. */
export class ReplayGuard {
  readonly #seen = new Map<string, number>()

  /** @returns false when this id was there before */
  admit(jti: string, now: Date): boolean {
    const time = seconds(now)
    for (const [old, until] of this.#seen) {
      if (until > time) break
      this.#seen.delete(old)
    }
    if (this.#seen.has(jti)) return false
    this.#seen.set(jti, time + REMEMBER_SECONDS)
    return true
  }
}

const refuse = (reason: string): never => {
  throw new UntrustedCall(reason)
}

/** Checks the MAC before anything of the content is even parsed. */
function openEnvelope(header: string, keys: readonly InternalKey[]): Claims {
  const parts = header.split('.')
  const [version, kid, payload, signature] = parts as [string, string, string, string]
  if (parts.length !== 4 || version !== 'v1') return refuse('is not of the form v1.<kid>.<claims>.<mac>')
  const key = keys.find(candidate => candidate.kid === kid)
  if (!key) return refuse(`is signed with the unknown or retired key ${JSON.stringify(kid.slice(0, 40))}`)
  const expected = mac(key.key, `v1.${kid}.${payload}`)
  const shown = Buffer.from(signature, 'base64url')
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected))
    return refuse('has a wrong signature')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

function checkClaims(claims: Claims, subgraph: string, body: string | Uint8Array, now: Date): void {
  const time = seconds(now)
  if (claims.iss !== 'gw') refuse('was not issued by the gateway')
  if (claims.aud !== subgraph) refuse(`is meant for ${JSON.stringify(claims.aud)}`)
  if (!Number.isInteger(claims.iat) || !Number.isInteger(claims.exp)) refuse('has no times')
  if (claims.exp - claims.iat > LONGEST_SECONDS) refuse(`lives longer than ${LONGEST_SECONDS} seconds`)
  if (claims.iat > time + SKEW_SECONDS) refuse('comes from the future')
  if (claims.exp < time - SKEW_SECONDS) refuse('has expired')
  if (claims.bh !== sha256(body)) refuse('was signed for another body')
  if (typeof claims.jti !== 'string' || claims.jti.length < 12) refuse('has no id')
}

export interface VerifyOptions {
  subgraph: string
  /** All valid keys; two during a rotation. */
  keys: readonly InternalKey[]
  body: string | Uint8Array
  guard: ReplayGuard
  now?: Date
}

/**
 * Checks a signed identity: form → MAC (in constant time) → issuer, audience, times, body → never used before.
 * @param header the header's value; undefined when absent, a list or commas when sent twice
 * @throws {UntrustedCall} saying why, for the log
 */
export function verifyIdentity(header: string | string[] | undefined, options: VerifyOptions): InternalCall {
  const { subgraph, keys, body, guard, now = new Date() } = options
  if (header === undefined || header === '') return refuse('is missing')
  if (typeof header !== 'string' || header.includes(',')) return refuse('was sent more than once')
  const claims = openEnvelope(header, keys)
  checkClaims(claims, subgraph, body, now)
  if (!guard.admit(claims.jti, now)) return refuse('was used before')
  const { identity, requestId, surface, site, operation } = claims
  return { identity, requestId, surface, site, operation }
}
