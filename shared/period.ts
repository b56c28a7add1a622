/** A period of the calendar as ISO 8601 writes it, without times of day: `P2Y`, `P18M`, `P1Y6M`, `P90D`, `P2W`. */
const PERIOD = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/

const parts = (period: string): [years: number, months: number, weeks: number, days: number] | null => {
  const found = PERIOD.exec(period)
  return found && (found.slice(1).map(part => Number(part ?? 0)) as [number, number, number, number])
}

/** At least a day. */
export const isPeriod = (period: string): boolean => parts(period)?.some(part => part > 0) ?? false

/**
 * The end of a period that begins then, in UTC, as PostgreSQL's `timestamp + interval` has it: first years and months, of which a day that
 * a month lacks becomes its last one, then weeks and days.
 * @throws Error when it is no period
 */
export function endOfPeriod(from: Date, period: string): Date {
  const found = parts(period)
  if (!found) throw new Error(`${period} is no period`)
  const [years, months, weeks, days] = found
  const end = new Date(from)
  end.setUTCDate(1)
  end.setUTCMonth(from.getUTCMonth() + years * 12 + months)
  const last = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate()
  end.setUTCDate(Math.min(from.getUTCDate(), last) + weeks * 7 + days)
  return end
}
