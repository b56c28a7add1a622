import { isIPv4, isIPv6 } from 'node:net'
import type { EntityManager } from 'typeorm'
import type { Caller } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { refuse } from '#shared/refusal.js'
import type { TicketTokens } from '#shared/ticket-token.js'
import type { TicketState } from '../ticket.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Tickets that one network, or one address for answers, may open within an hour. */
export const OPENINGS = 5
/** Answers that one ticket takes from outside within an hour. */
const ANSWERS = 30

/** @throws Refusal INVALID for who is signed in: they have a road of their own */
export function requireStranger({ kind }: Identity, instead: string): void {
  if (kind !== 'ANONYMOUS') refuse('INVALID', `You are signed in: use ${instead}.`)
}

export const ticketTokensOf = ({ services }: Pick<Caller, 'services'>): TicketTokens => {
  if (!services.tickets) throw new Error('this process makes no tokens for tickets')
  return services.tickets
}

/** What a stranger's token opens, and who they are. */
export interface Opened {
  ticketId: string
  round: number
  identity: Identity
}

function refuseToken(): never {
  refuse('NOT_FOUND', 'This token opens no ticket.', 'token')
}

/**
 * Opens a ticket for a stranger who is about to do something on it, and counts that.
 * @throws Refusal INVALID for who is signed in, NOT_FOUND for a token that opens none, RATE_LIMITED
 */
export async function openedFor(
  { token }: { token: string },
  { tx, caller, instead }: { tx: EntityManager; caller: Caller; instead: string },
): Promise<Opened> {
  requireStranger(caller.identity, instead)
  const opened = ticketTokensOf(caller).open(token)
  if (opened === null) refuseToken()
  await countStranger(tx, caller, `answers on ${opened.ticketId}`, ANSWERS)
  return { ...opened, identity: caller.identity }
}

/** @throws Refusal NOT_FOUND unless it is a stranger's, and this is the token that opens it now */
export function requireOpened(
  state: Pick<TicketState, 'status' | 'accessRound' | 'openedByKind'>,
  { round }: Opened,
): void {
  if (state.status === null || state.accessRound !== round || state.openedByKind !== 'ANONYMOUS')
    refuseToken()
}

/** Whose neighbours are the same person: an IPv4 address, or the /64 that one household has of IPv6. */
export function networkOf(address: string | null | undefined): string {
  if (!address) return 'unknown'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (isIPv4(address) || !isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail?.split(':').filter(Boolean) ?? []
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  return [...front, ...zeros, ...back].slice(0, 4).join(':')
}

/**
 * Counts something that a stranger does, in the transaction in which they do it.
 * @throws Refusal RATE_LIMITED when it was done `most` times within the hour before
 */
export async function countStranger(
  tx: EntityManager,
  caller: Pick<Caller, 'services'>,
  what: string,
  most: number,
): Promise<void> {
  const now = caller.services.clock()
  const name = ticketTokensOf(caller).nameOf(what)
  // Those who come at once count one after the other.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name])
  await tx.query('delete from support.stranger_act where at < $1', [new Date(now.getTime() - DAY)])
  const rows: { at: Date }[] = await tx.query(
    'select at from support.stranger_act where name = $1 and at > $2 order by at desc limit $3',
    [name, new Date(now.getTime() - HOUR), most],
  )
  if (rows.length >= most) {
    const retryAt = new Date(rows.at(-1)!.at.getTime() + HOUR).toISOString()
    refuse('RATE_LIMITED', `That is done at most ${most} times an hour; try again later.`, undefined, {
      most,
      retryAt,
    })
  }
  await tx.query('insert into support.stranger_act (name, at) values ($1, $2)', [name, now])
}
