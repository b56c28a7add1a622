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
 * The next number of the year (UTC). A sequence, so that two who open tickets never wait for each other; a transaction that fails
 * leaves a gap. The first of a year notes where the count stood.
 */
export async function nextTicketNumber(tx: EntityManager, now: Date): Promise<string> {
  const year = now.getUTCFullYear()
  const [{ count }] = await tx.query(`select nextval('support.ticket_count')::int as count`)
  const before = (await countBefore(tx, year)) ?? (await beginYear(tx, year, count))
  return count > before ? ticketNumber(year, count - before) : nextTicketNumber(tx, now)
}

async function countBefore(tx: EntityManager, year: number): Promise<number | null> {
  const [row] = await tx.query('select before from support.ticket_year where year = $1', [year])
  return row?.before ?? null
}

async function beginYear(tx: EntityManager, year: number, count: number): Promise<number> {
  await tx.query('insert into support.ticket_year (year, before) values ($1, $2) on conflict do nothing', [
    year,
    count - 1,
  ])
  return (await countBefore(tx, year))!
}
