import type { EntityManager } from 'typeorm'

/** The number that people say (D64): `TKT-2026-04881`; more digits when five are used up. */
export const ticketNumber = (year: number, count: number): string =>
  `TKT-${year}-${String(count).padStart(5, '0')}`

/** A number however it was typed (`tkt 2026 4881`) in its one spelling; null when it is none. */
export function readTicketNumber(text: string): string | null {
  const [, year, count] = /^\s*(?:tkt)?[\s_-]*(\d{4})[\s_-]+(\d{1,9})\s*$/i.exec(text) ?? []
  return year ? ticketNumber(Number(year), Number(count)) : null
}

/**
 * The next number of the year (UTC). The counter's row is locked until the transaction ends, so no two tickets get one number;
 * a transaction that fails gives it back.
 */
export async function nextTicketNumber(tx: EntityManager, now: Date): Promise<string> {
  const year = now.getUTCFullYear()
  const [row]: { last: number }[] = await tx.query(
    `insert into support.ticket_counter as c (year, last) values ($1, 1)
     on conflict (year) do update set last = c.last + 1 returning last`,
    [year],
  )
  return ticketNumber(year, row!.last)
}
