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

/** Which time counts: all of it, business days (X5), or the hours of a working day. */
export type ClockKind = 'CALENDAR' | 'BUSINESS_DAYS' | 'BUSINESS_HOURS'

/** When a working day opens and closes, as `09:00` and `17:00` of a time zone such as `Europe/Vienna`. */
export interface WorkingDay {
  timeZone: string
  opens: string
  /** `24:00`: at its end. */
  closes: string
}

/** A clock that stands still where its kind says so. Days are those of UTC, for BUSINESS_HOURS those of its time zone. */
export interface Clock extends WorkingDay {
  kind: ClockKind
  holidays: Holidays
}

/** Why a clock stands still. */
export type Standstill = 'WEEKEND' | 'HOLIDAY' | 'OUTSIDE_HOURS'

/** A stretch of time in which a clock runs, or stands still and why. */
export interface Stretch {
  from: Date
  to: Date
  off: Standstill | null
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, made)
  return made
}

/** What clocks on the wall of a time zone show, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const shown = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year, month, day, hour, minute, second } = shown as Record<string, number>
  const milliseconds = ((at % 1000) + 1000) % 1000
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, milliseconds)
}

/** When a wall clock shows this: the first time, when it is set back; when it is set forward over it, as long after as it was to be. */
function instantOf(wall: number, timeZone: string): number {
  const offset = (at: number): number => wallClock(at, timeZone) - at
  const before = wall - offset(wall - DAY)
  if (wallClock(before, timeZone) === wall) return before
  const after = wall - offset(wall + DAY)
  return wallClock(after, timeZone) === wall ? after : before
}

/** Whether a text names a time zone that is known here. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

const minutesOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number)
  return hours! * 60 + minutes!
}

/** Until when, in ms, a clock goes on as it does at a moment, and why it stands still if it does. */
function upTo({ kind, holidays, ...day }: Clock, at: number): { end: number; off: Standstill | null } {
  if (kind === 'CALENDAR') return { end: Number.POSITIVE_INFINITY, off: null }
  const timeZone = kind === 'BUSINESS_DAYS' ? 'UTC' : day.timeZone
  const wall = kind === 'BUSINESS_DAYS' ? at : wallClock(at, timeZone)
  const midnight = startOfDay(wall)
  const moment = (minutes: number): number =>
    timeZone === 'UTC' ? midnight + minutes * 60_000 : instantOf(midnight + minutes * 60_000, timeZone)
  const weekday = new Date(wall).getUTCDay()
  const tomorrow = moment(24 * 60)
  if (holidays.includes(isoDay(wall))) return { end: tomorrow, off: 'HOLIDAY' }
  if (weekday === 0 || weekday === 6) return { end: tomorrow, off: 'WEEKEND' }
  if (kind === 'BUSINESS_DAYS') return { end: tomorrow, off: null }
  const [opens, closes] = [moment(minutesOf(day.opens)), moment(minutesOf(day.closes))]
  if (at < opens) return { end: opens, off: 'OUTSIDE_HOURS' }
  return at < closes ? { end: closes, off: null } : { end: tomorrow, off: 'OUTSIDE_HOURS' }
}

/** From one moment to another: when the clock ran, and when it stood still and why. Without gaps; empty when the second comes first. */
export function stretchesOf(clock: Clock, from: Date, to: Date): Stretch[] {
  const stretches: Stretch[] = []
  for (let at = from.getTime(); at < to.getTime(); ) {
    const { end, off } = upTo(clock, at)
    const next = Math.min(end, to.getTime())
    const last = stretches.at(-1)
    if (last?.off === off) last.to = new Date(next)
    else stretches.push({ from: new Date(at), to: new Date(next), off })
    at = next
  }
  return stretches
}

/** How long a clock ran between two moments, ms. */
export const ranBetween = (clock: Clock, from: Date, to: Date): number =>
  stretchesOf(clock, from, to)
    .filter(({ off }) => off === null)
    .reduce((sum, stretch) => sum + stretch.to.getTime() - stretch.from.getTime(), 0)

/**
 * When a clock has run for so long, ms. At the very end of a business day that is 00:00 of the next one, as with `addBusinessHours`;
 * at the end of working hours it is then.
 * @throws RangeError for less than nothing
 */
export function clockAfter(clock: Clock, start: Date, ms: number): Date {
  if (!(ms >= 0) || !Number.isFinite(ms))
    throw new RangeError(`${ms} is no length of time: it has to be 0 or more`)
  const inclusive = clock.kind === 'BUSINESS_HOURS'
  let at = start.getTime()
  for (let left = Math.round(ms); ; ) {
    const { end, off } = upTo(clock, at)
    if (off === null) {
      if (left < end - at || (inclusive && left === end - at)) return new Date(at + left)
      left -= end - at
    }
    at = end
  }
}
