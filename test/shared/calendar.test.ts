import { describe, expect, test } from '@jest/globals'
import { addBusinessHours, businessHoursBetween, isBusinessDay } from '#shared/calendar.js'
import { POLICIES } from '#shared/policies.js'

const HOLIDAYS = POLICIES['calendar.holidays'].default
const utc = (text: string) => new Date(`${text.replace(' ', 'T')}:00.000Z`)

/** X5: a business day has 24 hours, Monday to Friday in UTC, without holidays. */
describe('business hours', () => {
  test.each([
    ['within a day', '2026-04-22 09:00', 5, '2026-04-22 14:00'],
    ['over midnight', '2026-04-22 20:00', 5, '2026-04-23 01:00'],
    ['Friday 15:00 and a day is Monday 15:00', '2026-04-24 15:00', 24, '2026-04-27 15:00'],
    ['three days over a weekend', '2026-04-23 10:00', 72, '2026-04-28 10:00'],
    ['to the end of Friday is the beginning of Monday', '2026-04-24 00:00', 24, '2026-04-27 00:00'],
    ['from Saturday it begins on Monday', '2026-04-25 11:30', 24, '2026-04-28 00:00'],
    ['from Sunday it begins on Monday', '2026-04-26 23:59', 1, '2026-04-27 01:00'],
    ['no hours on a Sunday end on Monday', '2026-04-26 10:00', 0, '2026-04-27 00:00'],
    ['no hours on a business day end at once', '2026-04-22 10:00', 0, '2026-04-22 10:00'],
    ['half an hour', '2026-04-24 23:45', 0.5, '2026-04-27 00:15'],
    ['over a holiday in the week', '2026-11-10 12:00', 24, '2026-11-12 12:00'],
    ['from a holiday', '2026-11-11 12:00', 24, '2026-11-13 00:00'],
    ['over a holiday that makes the weekend longer', '2026-07-02 18:00', 24, '2026-07-06 18:00'],
    ['over the end of a month', '2026-06-30 15:00', 48, '2026-07-02 15:00'],
    ['over the end of a year, with two holidays and a weekend', '2027-12-30 15:00', 24, '2028-01-03 15:00'],
    ['over Christmas and a weekend', '2026-12-24 18:00', 12, '2026-12-28 06:00'],
    ['over a leap day', '2028-02-28 15:00', 48, '2028-03-01 15:00'],
    ['at the end of February without one', '2027-02-26 15:00', 24, '2027-03-01 15:00'],
  ])('%s', (_name, start, hours, end) => {
    const due = addBusinessHours(utc(start), hours, HOLIDAYS)
    expect(due).toEqual(utc(end))
    expect(businessHoursBetween(utc(start), due, HOLIDAYS)).toBe(hours)
  })

  test('without holidays only weekends stand still', () => {
    expect(addBusinessHours(utc('2026-11-10 12:00'), 24, [])).toEqual(utc('2026-11-11 12:00'))
  })

  test('between two moments, in both directions', () => {
    const [friday, monday] = [utc('2026-04-24 18:00'), utc('2026-04-27 06:00')]
    expect(businessHoursBetween(friday, monday, HOLIDAYS)).toBe(12)
    expect(businessHoursBetween(monday, friday, HOLIDAYS)).toBe(-12)
    expect(businessHoursBetween(utc('2026-04-25 01:00'), utc('2026-04-26 23:00'), HOLIDAYS)).toBe(0)
    expect(businessHoursBetween(friday, friday, HOLIDAYS)).toBe(0)
  })

  test('adding in two steps is adding at once', () => {
    const start = utc('2026-12-18 13:17')
    for (let hours = 0; hours <= 240; hours += 7) {
      const twice = addBusinessHours(addBusinessHours(start, hours / 2, HOLIDAYS), hours / 2, HOLIDAYS)
      expect(twice).toEqual(addBusinessHours(start, hours, HOLIDAYS))
    }
  })

  test('less than nothing, or no number, is refused', () => {
    for (const hours of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => addBusinessHours(utc('2026-04-22 09:00'), hours, [])).toThrow(RangeError)
  })

  test('a business day is told from others', () => {
    expect(isBusinessDay(utc('2026-04-24 23:59'), HOLIDAYS)).toBe(true)
    expect(isBusinessDay(utc('2026-04-25 00:00'), HOLIDAYS)).toBe(false)
    expect(isBusinessDay(utc('2026-12-25 12:00'), HOLIDAYS)).toBe(false)
  })
})

/** The written dates against the rule of 5 U.S.C. 6103: what falls on a Saturday is kept on Friday, on a Sunday on Monday. */
describe('the holidays that hold until somebody changes them', () => {
  const day = (year: number, month: number, date: number) => new Date(Date.UTC(year, month - 1, date))
  const observed = (date: Date) => {
    const shift = { 6: -1, 0: 1 }[date.getUTCDay()] ?? 0
    return new Date(date.getTime() + shift * 86_400_000)
  }
  const nthMonday = (year: number, month: number, nth: number, weekday = 1) => {
    const first = (7 + weekday - day(year, month, 1).getUTCDay()) % 7
    return day(year, month, 1 + first + (nth - 1) * 7)
  }
  const lastMonday = (year: number, month: number) => {
    const last = new Date(Date.UTC(year, month, 0))
    return day(year, month, last.getUTCDate() - ((last.getUTCDay() + 6) % 7))
  }
  const of = (year: number) => [
    observed(day(year, 1, 1)),
    nthMonday(year, 1, 3),
    nthMonday(year, 2, 3),
    lastMonday(year, 5),
    observed(day(year, 6, 19)),
    observed(day(year, 7, 4)),
    nthMonday(year, 9, 1),
    nthMonday(year, 10, 2),
    observed(day(year, 11, 11)),
    nthMonday(year, 11, 4, 4),
    observed(day(year, 12, 25)),
  ]

  test('are those of the law', () => {
    const lawful = [2026, 2027, 2028].flatMap(of).map(date => date.toISOString().slice(0, 10))
    expect(HOLIDAYS).toEqual(lawful.sort())
  })
})
