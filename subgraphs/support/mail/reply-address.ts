import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { madeOnce, type Services } from '#shared/services.js'

/** 128 bits: far beyond guessing, and the part before the @ stays below the 64 characters that mail allows. */
const DIGITS = 32
const FORM = /^reply\+(tkt-\d{4}-\d{5,9})\.([0-9a-f]{32})$/

/** Follows from a key that all processes share, and is used for nothing else. */
const replyKey = madeOnce(({ keys }) =>
  Buffer.from(hkdfSync('sha256', keys.eventMac, '', 'opsgraph/mail-reply-address', 32)),
)

const sign = (number: string, services: Services): string =>
  createHmac('sha256', replyKey(services)).update(number.toLowerCase()).digest('hex').slice(0, DIGITS)

/** Where answers about a ticket go: small letters only, because mail servers may make them so; null where none are taken. */
export function replyAddressOf(number: string, services: Services): string | null {
  const { replyDomain } = services.config.mail
  return replyDomain === undefined
    ? null
    : `reply+${number.toLowerCase()}.${sign(number, services)}@${replyDomain}`
}

/** What a reply address says: nothing, a ticket's number, or something that only looks like one of ours. */
export type ReplyAddress = { number: string } | 'FORGED' | null

/** Reads an address that was written to. */
export function readReplyAddress(address: string, services: Services): ReplyAddress {
  const [local = '', host = ''] = address.trim().toLowerCase().split('@')
  if (host !== services.config.mail.replyDomain || !local.startsWith('reply+')) return null
  const [, number, given] = FORM.exec(local) ?? []
  if (!number || !given) return 'FORGED'
  const right = Buffer.from(sign(number, services))
  return timingSafeEqual(right, Buffer.from(given)) ? { number: number.toUpperCase() } : 'FORGED'
}
