/**
 * Business time (X5): a business day has 24 hours, Monday to Friday in UTC, without holidays. What runs in it stands still on all other
 * days, so that 24 hours from Friday 15:00 end on Monday 15:00.
 */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Days without business, as `2026-12-25`. */
export type Holidays = readonly string[]

const startOfDay = (at: number): number => Math.floor(at / DAY) * DAY
const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10)

function isOpen(at: number, closed: ReadonlySet<string>): boolean {
  const weekday = new Date(at).getUTCDay()
  return weekday !== 0 && weekday !== 6 && !closed.has(isoDay(at))
}

/** Whether the day (UTC) that a moment lies in is a business day. */
export const isBusinessDay = (at: Date, holidays: Holidays): boolean =>
  isOpen(at.getTime(), new Set(holidays))

/** The moment itself, or 00:00 of the next business day when it lies on none. */
function opening(at: number, closed: ReadonlySet<string>): number {
  if (isOpen(at, closed)) return at
  let day = startOfDay(at) + DAY
  while (!isOpen(day, closed)) day += DAY
  return day
}

/**
 * When a number of business hours has passed. A start on a day without business counts as 00:00 of the next business day; so does an end
 * at the very end of one. Fractions of an hour count.
 * @throws RangeError for less than no hours
 */
export function addBusinessHours(start: Date, hours: number, holidays: Holidays): Date {
  if (!(hours >= 0) || !Number.isFinite(hours))
    throw new RangeError(`${hours} is no number of business hours: it has to be 0 or more`)
  const closed = new Set(holidays)
  let at = opening(start.getTime(), closed)
  for (let left = Math.round(hours * HOUR); ; ) {
    const untilMidnight = startOfDay(at) + DAY - at
    if (left < untilMidnight) return new Date(at + left)
    left -= untilMidnight
    at = opening(at + untilMidnight, closed)
  }
}

/** Business hours from one moment to another, fractions included; negative when the second comes first. */
export function businessHoursBetween(from: Date, to: Date, holidays: Holidays): number {
  if (to < from) return -businessHoursBetween(to, from, holidays)
  const closed = new Set(holidays)
  let passed = 0
  for (let at = from.getTime(); at < to.getTime(); ) {
    const end = Math.min(startOfDay(at) + DAY, to.getTime())
    if (isOpen(at, closed)) passed += end - at
    at = end
  }
  return passed / HOUR
}
