import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { loadConfig } from '#shared/config.js'
import { loadKeys } from '#shared/keys.js'

/** 128 bits: far beyond guessing, and the part before the @ stays below the 64 characters that mail allows. */
const DIGITS = 32
const FORM = /^reply\+(tkt-\d{4}-\d{5,9})\.([0-9a-f]{32})$/

let key: Promise<Buffer> | null = null

/** Follows from a key that all processes share, and is used for nothing else. */
async function replyKey(): Promise<Buffer> {
  const { eventMac } = await loadKeys(loadConfig())
  return Buffer.from(hkdfSync('sha256', eventMac, '', 'opsgraph/mail-reply-address', 32))
}

async function sign(number: string): Promise<string> {
  key ??= replyKey()
  return createHmac('sha256', await key)
    .update(number.toLowerCase())
    .digest('hex')
    .slice(0, DIGITS)
}

/** Where answers about a ticket go: small letters only, because mail servers may make them so. */
export const replyAddressOf = async (number: string, domain: string): Promise<string> =>
  `reply+${number.toLowerCase()}.${await sign(number)}@${domain}`

/** What a reply address says: nothing, a ticket's number, or something that only looks like one of ours. */
export type ReplyAddress = { number: string } | 'FORGED' | null

/** Reads an address that was written to. */
export async function readReplyAddress(address: string, domain: string): Promise<ReplyAddress> {
  const [local = '', host = ''] = address.trim().toLowerCase().split('@')
  if (host !== domain || !local.startsWith('reply+')) return null
  const [, number, given] = FORM.exec(local) ?? []
  if (!number || !given) return 'FORGED'
  const right = Buffer.from(await sign(number))
  return timingSafeEqual(right, Buffer.from(given)) ? { number: number.toUpperCase() } : 'FORGED'
}
