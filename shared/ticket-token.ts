import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Keys, ticketKey } from '#shared/keys.js'

const mac = (key: Buffer, signed: string): Buffer => createHmac('sha256', key).update(signed).digest()

/**
 * What opens the public side of one ticket to somebody who did not sign in (C24, X17): `v1.<kid>.<ticket>.<HMAC-SHA256>`, or, once their
 * address was changed, `v2.<kid>.<ticket>.<round>.<HMAC-SHA256>` (D57). Nothing of it is kept; it holds for as long as its key and its
 * round do.
 */
export class TicketTokens {
  readonly #keys: readonly { kid: string; key: Buffer }[]

  constructor(keys: Pick<Keys, 'internal'>) {
    this.#keys = keys.internal.map(({ kid, master }) => ({ kid, key: ticketKey(master) }))
  }

  /** @param round how often the ticket's address was changed */
  sign(ticketId: string, round = 0): string {
    const [{ kid, key }] = this.#keys as [{ kid: string; key: Buffer }]
    const signed = round === 0 ? `v1.${kid}.${ticketId}` : `v2.${kid}.${ticketId}.${round}`
    return `${signed}.${mac(key, signed).toString('base64url')}`
  }

  /** The ticket that it opens; null when it was not made here, or was changed on the way. */
  open(token: string): { ticketId: string; round: number } | null {
    const parts = token.split('.')
    const signature = parts.pop() ?? ''
    // What was signed here has one of the two forms; nothing else has a right signature.
    const [version, kid, ticketId, round = '0'] = parts
    const key = this.#keys.find(one => one.kid === kid)?.key
    if (!key || !ticketId || (version !== 'v1' && version !== 'v2')) return null
    const expected = mac(key, parts.join('.'))
    const shown = Buffer.from(signature, 'base64url')
    if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) return null
    return { ticketId, round: Number(round) }
  }

  /** A name for something that is counted and not kept, e.g. a network address; hex. */
  nameOf(text: string): string {
    // By the oldest key: a new one does not make everybody new.
    return mac(this.#keys.at(-1)!.key, `count ${text}`).toString('hex')
  }
}
