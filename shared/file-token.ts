import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Identity } from '#shared/identity.js'
import { fileKey, type Keys } from '#shared/keys.js'
import type { Scope } from '#shared/roles.js'

/** What is to be sent: exactly this, or it is refused. */
export interface Announced {
  bytes: number
  /** Hex. */
  sha256: string
  mime: string
}

/** Who may do what to which file, until when. An upload says what is to come. */
export interface FileClaims {
  purpose: 'UPLOAD' | 'DOWNLOAD'
  attachmentId: string
  personId: string
  tokenId: string | null
  scopes: readonly Scope[]
  /** Seconds since 1970, by the product's clock. */
  expiresAt: number
  announced?: Announced
}

/** An address that was not made here, or no longer holds; the message says which. */
export class FileTokenError extends Error {
  override name = 'FileTokenError'
}

const mac = (key: Buffer, signed: string): Buffer => createHmac('sha256', key).update(signed).digest()

/**
 * Signs the addresses of files, and checks them: `v1.<kid>.<claims>.<HMAC-SHA256>`. It says who may ask; what they may is looked up when
 * they do.
 */
export class FileTokens {
  readonly #keys: readonly { kid: string; key: Buffer }[]

  constructor(keys: Pick<Keys, 'internal'>) {
    this.#keys = keys.internal.map(({ kid, master }) => ({ kid, key: fileKey(master) }))
  }

  /** The path at which the gateway takes or gives the file. */
  address(claims: FileClaims): string {
    const [{ kid, key }] = this.#keys as [{ kid: string; key: Buffer }]
    const signed = `v1.${kid}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
    return `${FILES_PATH}${signed}.${mac(key, signed).toString('base64url')}`
  }

  /** @throws FileTokenError when it was not made here, for something else, or is over */
  open(token: string, purpose: FileClaims['purpose'], now: Date): FileClaims {
    const [version, kid, payload, signature, ...more] = token.split('.')
    const key = this.#keys.find(one => one.kid === kid)?.key
    if (version !== 'v1' || !key || !payload || !signature || more.length) throw notOurs()
    const expected = mac(key, `v1.${kid}.${payload}`)
    const shown = Buffer.from(signature, 'base64url')
    if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) throw notOurs()
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as FileClaims
    if (claims.purpose !== purpose)
      throw new FileTokenError(`This address is for ${claims.purpose === 'UPLOAD' ? 'PUT' : 'GET'} alone.`)
    if (claims.expiresAt * 1000 <= now.getTime())
      throw new FileTokenError('This address is over: ask for a new one.')
    return claims
  }
}

const notOurs = () => new FileTokenError('This address was not made here, or was changed on the way.')

export const FILES_PATH = '/files/'

/** What of a caller an address carries. */
export const bearerOf = ({ personId, tokenId, scopes }: Identity) => ({ personId, tokenId, scopes })
