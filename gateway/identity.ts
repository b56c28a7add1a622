import { randomUUID } from 'node:crypto'
import type { GraphQLError } from 'graphql'
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { DataSource } from 'typeorm'
import { gatewayError } from '#gateway/errors.js'
import { People, type Person, type TokenRow } from '#gateway/people.js'
import type { Config } from '#shared/config.js'
import { permissionsInForce } from '#shared/grants.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import type { Keys } from '#shared/keys.js'
import type { Scope } from '#shared/roles.js'
import { looksLikeToken, parseToken, type TokenKind } from '#shared/token.js'

/** How the header of a development token names its key: such a token is never shown to the identity provider's keys. */
const DEVELOPMENT_KID = 'opsgraph-development'
const DEVELOPMENT_HOURS = 24 * 7

/** Fixed, so that nobody talks the verifier into `none`, or into taking a public key for a shared secret. */
const ALGORITHMS = ['EdDSA', 'RS256', 'ES256']
/** RFC 9068 access tokens, and providers that say just JWT. */
const TYPES = ['at+jwt', 'application/at+jwt', 'jwt']
const CLOCK_SKEW_SECONDS = 5

/** What a bearer token proves by itself; who that is today is read from the database each time. */
export interface Credential {
  personId: string
  tokenId: string | null
  /** Only of an API token: it may do no more than these. */
  scopes: readonly Scope[] | null
  tokenKind: TokenKind | null
  /** Seconds since 1970. */
  authenticatedAt: number
  expiresAt: number
}

/** @returns an UNAUTHENTICATED error that says what is wrong with the token, and tells browsers what is expected */
export const unauthenticated = (message: string): GraphQLError =>
  gatewayError('UNAUTHENTICATED', message, 401)

const HOW = 'Send the header "Authorization: Bearer <token>".'

const bearerOf = (header: string): string => {
  const [, token] = /^Bearer +(\S+)$/i.exec(header.trim()) ?? []
  if (!token) throw unauthenticated(`The Authorization header is malformed. ${HOW}`)
  if (token.length > 8192) throw unauthenticated('The token is too long.')
  return token
}

/** What jose found wrong, in words for the person who holds the token. */
function explain(error: unknown): GraphQLError {
  if (error instanceof errors.JWTExpired) return unauthenticated('The token has expired. Sign in again.')
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing') return unauthenticated(`The token has no "${error.claim}".`)
    return unauthenticated(`The token has another "${error.claim}" than this server takes.`)
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return unauthenticated('The token is signed with an algorithm that this server does not take.')
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return unauthenticated('The token was not signed by an issuer that this server trusts.')
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return unauthenticated('The token is malformed: it is neither a JWT nor a token of Opsgraph.')
  return gatewayError(
    'IDENTITY_PROVIDER_UNAVAILABLE',
    'The token cannot be checked right now, because the keys of its issuer cannot be fetched.',
    503,
  )
}

const KIND_OF_PERSON = { pat: 'STAFF', int: 'INTEGRATION', svc: 'INTEGRATION', req: 'REQUESTER' } as const

/** Finds out who calls, from the Authorization header. One per process. */
export class Authenticator {
  readonly people: People
  readonly #remoteKeys: ReturnType<typeof createRemoteJWKSet> | null

  constructor(
    readonly config: Pick<Config, 'jwt'>,
    readonly keys: Pick<Keys, 'development'>,
    db: DataSource,
    /** By which granted permissions end; tokens end by the hour itself. */
    readonly clock: () => Date = () => new Date(),
  ) {
    const { jwksUrl } = config.jwt
    this.people = new People(db)
    this.#remoteKeys = jwksUrl
      ? createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 30_000 })
      : null
  }

  /**
   * @param header the Authorization header; undefined makes an anonymous caller
   * @throws {GraphQLError} UNAUTHENTICATED saying what is wrong: malformed, expired, revoked, unknown or disabled person
   */
  async authenticate(header: string | undefined): Promise<Identity> {
    return header === undefined ? ANONYMOUS : await this.identify(await this.verify(header))
  }

  /** Checks the token alone. */
  async verify(header: string): Promise<Credential> {
    const token = bearerOf(header)
    return looksLikeToken(token) ? await this.#apiToken(token) : await this.#jwt(token)
  }

  /**
   * Reads today's roles of the one who holds a credential; again for each event of a subscription.
   * @throws {GraphQLError} UNAUTHENTICATED
   */
  async identify(credential: Credential): Promise<Identity> {
    if (credential.expiresAt <= Date.now() / 1000)
      throw unauthenticated('The token has expired. Sign in again.')
    const person = await this.people.byId(credential.personId)
    if (!person) throw unauthenticated('Nobody of that name is known here. Ask an administrator to add you.')
    if (person.disabled) throw unauthenticated('This person is disabled.')
    const { tokenKind } = credential
    if (tokenKind && KIND_OF_PERSON[tokenKind] !== person.kind)
      throw unauthenticated('The token does not fit the person it was made for.')
    return identityOf(person, credential, this.clock())
  }

  async #apiToken(text: string): Promise<Credential> {
    const parsed = parseToken(text)
    if (!parsed) throw unauthenticated('The token is malformed: its checksum is wrong. Was it copied whole?')
    const row = await this.people.token(parsed)
    if (!row || row.kind !== parsed.kind) throw unauthenticated('The token is not known here.')
    if (row.revoked) throw unauthenticated('The token was revoked.')
    if (row.expiresAt.getTime() <= Date.now()) throw unauthenticated('The token has expired. Make a new one.')
    this.people.touch(row.id)
    return credentialOf(row)
  }

  async #jwt(token: string): Promise<Credential> {
    return isFromHere(token) ? await this.#developmentJwt(token) : await this.#issuedJwt(token)
  }

  async #developmentJwt(token: string): Promise<Credential> {
    const { development } = this.keys
    if (!development) throw unauthenticated('Development tokens are not taken here.')
    const payload = await this.#check(token, options =>
      jwtVerify(token, development.publicKey, { ...options, algorithms: ['EdDSA'] }),
    )
    return toCredential(payload, payload.sub as string)
  }

  async #issuedJwt(token: string): Promise<Credential> {
    const keys = this.#remoteKeys
    if (!keys) throw unauthenticated('The token was not signed by an issuer that this server trusts.')
    const payload = await this.#check(token, options =>
      jwtVerify(token, keys, { ...options, algorithms: ALGORITHMS }),
    )
    const personId = await this.people.idOfSubject(payload.sub as string)
    if (!personId)
      throw unauthenticated('Nobody of that name is known here. Ask an administrator to add you.')
    return toCredential(payload, personId)
  }

  async #check(
    token: string,
    verify: (options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>,
  ): Promise<JWTPayload> {
    checkType(token)
    const { issuer, audience } = this.config.jwt
    try {
      const required = { requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_SKEW_SECONDS }
      return (await verify({ issuer, audience, ...required })).payload
    } catch (error) {
      throw explain(error)
    }
  }
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token)
  } catch {
    throw unauthenticated('The token is malformed: it is neither a JWT nor a token of Opsgraph.')
  }
}

const isFromHere = (token: string): boolean => headerOf(token).kid === DEVELOPMENT_KID

function checkType(token: string): void {
  const { typ } = headerOf(token) as { typ?: unknown }
  if (typeof typ !== 'string' || !TYPES.includes(typ.toLowerCase()))
    throw unauthenticated(
      `The token ${typ ? `is of type ${JSON.stringify(typ)}` : 'has no "typ"'}; an access token is needed.`,
    )
}

const credentialOf = (row: TokenRow): Credential => ({
  personId: row.personId,
  tokenId: row.id,
  scopes: row.scopes,
  tokenKind: row.kind,
  // A token that lies in a file proves nothing about a person being there: it never counts as a fresh sign-in.
  authenticatedAt: 0,
  expiresAt: Math.floor(row.expiresAt.getTime() / 1000),
})

/** A sign-in that is still to come would count as recent for ever: it proves nothing. */
const notInFuture = (seconds: number): number =>
  seconds > Date.now() / 1000 + CLOCK_SKEW_SECONDS ? 0 : seconds

const toCredential = (payload: JWTPayload, personId: string): Credential => {
  const { jti, sid, iat, exp, auth_time: authTime } = payload
  const session = jti ?? sid
  return {
    personId,
    tokenId: typeof session === 'string' ? session : null,
    scopes: null,
    tokenKind: null,
    authenticatedAt: notInFuture(typeof authTime === 'number' ? authTime : (iat ?? 0)),
    expiresAt: exp as number,
  }
}

const identityOf = (
  person: Person,
  { tokenId, scopes, authenticatedAt, expiresAt }: Credential,
  now: Date,
): Identity => ({
  kind: person.kind,
  personId: person.id,
  name: person.name,
  roles: person.roles,
  scopes: scopes ? person.scopes.filter(scope => scopes.includes(scope)) : person.scopes,
  permissions: permissionsInForce(person.roles, person.grants, now),
  tokenId,
  orgIds: person.orgIds,
  epoch: person.epoch,
  authenticatedAt,
  expiresAt,
})

/**
 * A token for a person of a development machine, signed with its own key.
 * @param personId as in `access.person.id`
 * @param seconds how long it lives, by default a week
 * @throws Error outside of development, where there is no such key
 */
export function developmentToken(
  config: Pick<Config, 'jwt'>,
  keys: Pick<Keys, 'development'>,
  personId: string,
  seconds = DEVELOPMENT_HOURS * 3600,
): Promise<string> {
  if (!keys.development) throw new Error('Development tokens can be made in development only.')
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: DEVELOPMENT_KID })
    .setSubject(personId)
    .setIssuer(config.jwt.issuer)
    .setAudience(config.jwt.audience)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(keys.development.privateKey)
}
