import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Keys, ticketKey } from '#shared/keys.js'

const mac = (key: Buffer, signed: string): Buffer => createHmac('sha256', key).update(signed).digest()

/**
 * What opens the public side of one ticket to somebody who did not sign in (C24, X17): `v1.<kid>.<ticket>.<HMAC-SHA256>`. Nothing of it is
 * kept; it holds for as long as its key does.
 */
export class TicketTokens {
  readonly #keys: readonly { kid: string; key: Buffer }[]

  constructor(keys: Pick<Keys, 'internal'>) {
    this.#keys = keys.internal.map(({ kid, master }) => ({ kid, key: ticketKey(master) }))
  }

  sign(ticketId: string): string {
    const [{ kid, key }] = this.#keys as [{ kid: string; key: Buffer }]
    const signed = `v1.${kid}.${ticketId}`
    return `${signed}.${mac(key, signed).toString('base64url')}`
  }

  /** The ticket that it opens; null when it was not made here, or was changed on the way. */
  open(token: string): string | null {
    const [version, kid, ticketId, signature, ...more] = token.split('.')
    const key = this.#keys.find(one => one.kid === kid)?.key
    if (version !== 'v1' || !key || !ticketId || !signature || more.length) return null
    const expected = mac(key, `v1.${kid}.${ticketId}`)
    const shown = Buffer.from(signature, 'base64url')
    return shown.length === expected.length && timingSafeEqual(shown, expected) ? ticketId : null
  }

  /** A name for something that is counted and not kept, e.g. a network address; hex. */
  nameOf(text: string): string {
    // By the oldest key: a new one does not make everybody new.
    return mac(this.#keys.at(-1)!.key, `count ${text}`).toString('hex')
  }
}
