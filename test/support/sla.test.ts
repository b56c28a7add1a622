import { describe, expect, test } from '@jest/globals'
import { type Clock, type ClockKind, clockAfter, ranBetween, stretchesOf } from '#shared/calendar.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { TicketStatus } from '#shared/events/support.js'
import { POLICIES, readPolicyValue } from '#shared/policies.js'
import {
  begun,
  followed,
  nextLook,
  pausedUntil,
  remainingAt,
  type SlaCycle,
  segmentsAt,
  stateAt,
  untold,
} from '#subgraphs/support/sla/sla.js'

const HOUR = 3_600_000
const HOLIDAYS = POLICIES['calendar.holidays'].default
const utc = (text: string) => new Date(`${text.replace(' ', 'T')}:00.000Z`)
const clock = (kind: ClockKind, timeZone = 'UTC', opens = '09:00', closes = '17:00'): Clock => ({
  kind,
  timeZone,
  opens,
  closes,
  holidays: HOLIDAYS,
})

/** Due after so many hours, and the clock ran exactly these. */
function expectDue(of: Clock, start: string, hours: number, end: string): void {
  const due = clockAfter(of, utc(start), hours * HOUR)
  expect(due).toEqual(utc(end))
  expect(ranBetween(of, utc(start), due)).toBe(hours * HOUR)
}

describe('clocks', () => {
  test.each([
    ['Friday 15:00 and a day is Monday 15:00', '2026-04-24 15:00', 24, '2026-04-27 15:00'],
    ['from Saturday it begins on Monday', '2026-04-25 11:30', 24, '2026-04-28 00:00'],
    ['over a holiday', '2026-11-10 12:00', 24, '2026-11-12 12:00'],
    ['over Christmas and a weekend', '2026-12-24 18:00', 12, '2026-12-28 06:00'],
    ['over the end of a month', '2026-06-30 15:00', 48, '2026-07-02 15:00'],
    ['over the end of a year', '2027-12-30 15:00', 24, '2028-01-03 15:00'],
    ['over a leap day', '2028-02-28 15:00', 48, '2028-03-01 15:00'],
    ['at the end of February without one', '2027-02-26 15:00', 24, '2027-03-01 15:00'],
  ])('business days: %s', (_, start, hours, end) => expectDue(clock('BUSINESS_DAYS'), start, hours, end))

  test('the calendar stands still never', () =>
    expectDue(clock('CALENDAR'), '2026-12-24 18:00', 48, '2026-12-26 18:00'))

  test.each([
    ['within a day', 'UTC', '2026-04-22 09:30', 5, '2026-04-22 14:30'],
    ['to the end of a day is then', 'UTC', '2026-04-22 09:00', 8, '2026-04-22 17:00'],
    ['over night', 'UTC', '2026-04-22 15:00', 4, '2026-04-23 11:00'],
    ['before it opens', 'UTC', '2026-04-22 03:00', 1, '2026-04-22 10:00'],
    ['after it closed, over a weekend', 'UTC', '2026-04-24 20:00', 1, '2026-04-27 10:00'],
    ['over a holiday', 'UTC', '2026-11-10 16:00', 2, '2026-11-12 10:00'],
    ['over the end of a year', 'UTC', '2027-12-30 16:00', 2, '2028-01-03 10:00'],
    ['over a leap day', 'UTC', '2028-02-28 16:00', 10, '2028-03-01 10:00'],
    ['in winter', 'Europe/Vienna', '2026-01-14 08:00', 8, '2026-01-14 16:00'],
    ['in summer', 'Europe/Vienna', '2026-07-14 07:00', 8, '2026-07-14 15:00'],
    // Clocks are set forward on Sunday, 29 March 2026: Friday closes at 16:00 UTC, Monday opens at 07:00 UTC.
    ['clocks set forward', 'Europe/Vienna', '2026-03-27 15:00', 2, '2026-03-30 08:00'],
    // And back on Sunday, 25 October 2026.
    ['clocks set back', 'Europe/Vienna', '2026-10-23 14:00', 2, '2026-10-26 09:00'],
    [
      'New York, clocks set forward on 8 March',
      'America/New_York',
      '2026-03-06 21:00',
      2,
      '2026-03-09 14:00',
    ],
    [
      'New York, clocks set back on 1 November',
      'America/New_York',
      '2026-10-30 20:00',
      2,
      '2026-11-02 15:00',
    ],
    // A Friday evening in UTC is a Saturday there.
    ['Auckland, a day ahead', 'Pacific/Auckland', '2026-04-24 21:00', 1, '2026-04-26 22:00'],
    ['half hours, Kolkata', 'Asia/Kolkata', '2026-04-22 03:30', 1, '2026-04-22 04:30'],
  ])('business hours: %s', (_, timeZone, start, hours, end) =>
    expectDue(clock('BUSINESS_HOURS', timeZone), start, hours, end),
  )

  test.each([
    ['a day that lacks an hour', 'Africa/Cairo', '2026-04-23 22:00'],
    ['a day that has one more', 'Africa/Cairo', '2026-10-29 21:00'],
  ])('around the clock in a zone that changes at midnight: %s', (_, timeZone, start) => {
    const all = { ...clock('BUSINESS_HOURS', timeZone, '00:00', '24:00'), holidays: [] }
    for (let hours = 1; hours < 200; hours += 13) {
      const due = clockAfter(all, utc(start), hours * HOUR)
      expect(ranBetween(all, utc(start), due)).toBe(hours * HOUR)
    }
  })

  test('in two steps as at once, whatever the clock', () => {
    for (const of of [clock('BUSINESS_DAYS'), clock('BUSINESS_HOURS', 'America/New_York'), clock('CALENDAR')])
      for (let hours = 0; hours <= 120; hours += 7) {
        const start = utc('2026-10-28 13:17')
        const half = clockAfter(of, start, (hours * HOUR) / 2)
        expect(clockAfter(of, half, (hours * HOUR) / 2)).toEqual(clockAfter(of, start, hours * HOUR))
      }
  })

  test('stretches leave no gap and say why', () => {
    const told = stretchesOf(clock('BUSINESS_HOURS'), utc('2026-11-10 16:00'), utc('2026-11-12 10:00'))
    expect(told.map(({ off, to }) => [off, to])).toEqual([
      [null, utc('2026-11-10 17:00')],
      ['OUTSIDE_HOURS', utc('2026-11-11 00:00')],
      ['HOLIDAY', utc('2026-11-12 00:00')],
      ['OUTSIDE_HOURS', utc('2026-11-12 09:00')],
      [null, utc('2026-11-12 10:00')],
    ])
    expect(told.slice(1).every(({ from }, i) => from.getTime() === told[i]!.to.getTime())).toBe(true)
    expect(stretchesOf(clock('CALENDAR'), utc('2026-11-10 16:00'), utc('2026-11-10 16:00'))).toEqual([])
  })

  test('a length of time is none below nothing', () =>
    expect(() => clockAfter(clock('CALENDAR'), utc('2026-04-22 09:00'), -1)).toThrow(RangeError))
})

describe('policies of a first reply', () => {
  test.each([
    ['support.sla.clock', 'BUSINESS_HOURS', true],
    ['support.sla.clock', 'SIDEREAL', false],
    ['support.sla.firstResponseHours', 0, false],
    ['support.sla.businessHours', { timeZone: 'Europe/Vienna', opens: '08:30', closes: '24:00' }, true],
    ['support.sla.businessHours', { timeZone: 'Europe/Vienna', opens: '17:00', closes: '09:00' }, false],
    ['support.sla.businessHours', { timeZone: 'Moon/Sea', opens: '09:00', closes: '17:00' }, false],
    ['support.sla.businessHours', { timeZone: 'UTC', opens: '9', closes: '17:00' }, false],
  ] as const)('%s: %j', (key, value, right) => {
    expect('value' in readPolicyValue(key, value)).toBe(right)
  })
})

const promise: SlaPromise = {
  metric: 'FIRST_RESPONSE',
  hours: 24,
  urgentHours: 6,
  nearBreachHours: 4,
  clock: clock('BUSINESS_DAYS'),
  policyKey: 'support.sla.firstResponseHours',
  policyVersion: 0,
  override: null,
}
const open = {
  status: 'OPEN' as TicketStatus,
  priority: 'NORMAL',
  safetySensitive: false,
  filterState: 'INBOX' as const,
}
const friday = utc('2026-04-24 15:00')
const start = (more = {}): SlaCycle => begun({ promise, cycle: 0, at: friday }, { ...open, ...more })
const waiting = { ...open, status: 'WAITING_ON_BUYER' as TicketStatus }

describe('a timer', () => {
  test('runs on business days, is near four hours before, and is met by a reply', () => {
    const cycle = start()
    expect(cycle).toMatchObject({ dueAt: utc('2026-04-27 15:00').toISOString() })
    expect(cycle.atRiskAt).toBe(utc('2026-04-27 11:00').toISOString())
    const met = followed(cycle, open, true, utc('2026-04-27 10:00'))
    expect(stateAt(met, utc('2026-05-27 10:00'))).toBe('MET')
    expect(remainingAt(met, utc('2026-05-27 10:00'))).toBe(5 * HOUR)
    expect(followed(met, open, true, utc('2026-04-28 10:00'))).toBe(met)
    expect(segmentsAt(met, utc('2026-05-27 10:00')).map(({ kind, because }) => [kind, because])).toEqual([
      ['RUNNING', 'OPENED'],
      ['OFF_HOURS', 'WEEKEND'],
      ['RUNNING', 'OPENED'],
    ])
  })

  test('a reply in the moment in which it is due is in time, one after it is not', () => {
    const due = utc('2026-04-27 15:00')
    expect(stateAt(followed(start(), open, true, due), due)).toBe('MET')
    const late = followed(start(), open, true, new Date(due.getTime() + 1))
    expect(late).toMatchObject({ breachedAt: due.toISOString() })
    expect(stateAt(late, due)).toBe('BREACHED')
    expect(untold(late, due)).toBe('SlaBreached')
    expect(untold({ ...late, breachTold: true }, due)).toBeNull()
  })

  test('stands still while it waits, and goes on with what was left', () => {
    const paused = followed(start(), waiting, false, utc('2026-04-24 20:00'))
    expect(stateAt(paused, utc('2026-06-01 00:00'))).toBe('PAUSED')
    expect(paused).toMatchObject({ dueAt: null, used: 5 * HOUR })
    expect(nextLook(paused)).toBeNull()
    const seller = followed(paused, { ...open, status: 'WAITING_ON_SELLER' }, false, utc('2026-04-25 20:00'))
    const resumed = followed(seller, open, false, utc('2026-04-29 10:00'))
    expect(resumed.dueAt).toBe(utc('2026-04-30 05:00').toISOString())
    const now = utc('2026-04-29 12:00')
    expect(remainingAt(resumed, now)).toBe(17 * HOUR)
    expect(pausedUntil(resumed, now)).toBe((4 * 24 + 14) * HOUR)
    expect(segmentsAt(resumed, now).map(({ kind, because, to }) => [kind, because, to === null])).toEqual([
      ['RUNNING', 'OPENED', false],
      ['PAUSED', 'WAITING_ON_BUYER', false],
      ['PAUSED', 'WAITING_ON_SELLER', false],
      ['RUNNING', 'TAKEN_UP', true],
    ])
  })

  test('a pause after it was due does not undo that', () => {
    const paused = followed(start(), waiting, false, utc('2026-04-28 10:00'))
    const due = utc('2026-04-27 15:00').toISOString()
    expect(paused).toMatchObject({ breachedAt: due, dueAt: null })
    expect(untold(paused, utc('2026-04-28 10:00'))).toBe('SlaBreached')
    expect(followed(paused, open, false, utc('2026-04-28 12:00'))).toMatchObject({
      dueAt: due,
      breachedAt: due,
    })
  })

  test('what becomes urgent has so many hours from then; what is not any more has the usual ones', () => {
    const at = utc('2026-04-24 20:00')
    const urgent = followed(start(), { ...open, priority: 'URGENT' }, false, at)
    expect(urgent.dueAt).toBe(utc('2026-04-27 02:00').toISOString())
    const calm = followed(urgent, open, false, utc('2026-04-24 21:00'))
    expect(calm.dueAt).toBe(start().dueAt)
    const late = followed(start(), { ...open, safetySensitive: true }, false, utc('2026-04-27 13:00'))
    expect(late.dueAt).toBe(start().dueAt)
    expect(start({ priority: 'URGENT' }).dueAt).toBe(utc('2026-04-24 21:00').toISOString())
  })

  test('spam has no promise until it is taken back; closing ends it', () => {
    const spam = start({ filterState: 'SPAM' })
    expect(spam).toMatchObject({ dueAt: null, spans: [{ kind: 'PAUSED', because: 'KEPT_APART' }] })
    const back = followed(spam, open, false, utc('2026-04-27 09:00'))
    expect(back.dueAt).toBe(utc('2026-04-28 09:00').toISOString())
    const closed = followed(back, { ...open, status: 'CLOSED' }, false, utc('2026-04-27 10:00'))
    expect(stateAt(closed, utc('2026-05-27 10:00'))).toBe('CANCELED')
    expect(nextLook(closed)).toBeNull()
  })

  test('it is near once, too late once, and never near when it is too late', () => {
    const cycle = start()
    expect(untold(cycle, utc('2026-04-27 10:59'))).toBeNull()
    expect(untold(cycle, utc('2026-04-27 11:00'))).toBe('SlaNearBreach')
    expect(nextLook(cycle)).toEqual(utc('2026-04-27 11:00'))
    const told = { ...cycle, nearTold: true }
    expect(untold(told, utc('2026-04-27 15:00'))).toBeNull()
    expect(nextLook(told)!.getTime()).toBe(utc('2026-04-27 15:00').getTime() + 1)
    expect(untold(cycle, utc('2026-04-27 15:01'))).toBe('SlaBreached')
    const short = begun({ promise: { ...promise, hours: 4 }, cycle: 0, at: utc('2026-04-22 08:00') }, open)
    expect(short.atRiskAt).toBe(utc('2026-04-22 10:00').toISOString())
  })
})
