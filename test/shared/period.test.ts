import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { endOfPeriod, isPeriod } from '#shared/period.js'
import { cloneDatabase } from '../kit/cluster.js'

describe('periods of the calendar', () => {
  let database: pg.Client
  beforeAll(async () => {
    database = new pg.Client(await cloneDatabase('period'))
    await database.connect()
  })
  afterAll(() => database?.end())

  test.each(['P2Y', 'P1D', 'P18M', 'P1Y6M2W3D', 'P999Y', 'P90D'])('%s is one', text => {
    expect(isPeriod(text)).toBe(true)
  })

  test.each([
    'P',
    '',
    'P0D',
    'P0Y0M',
    '2Y',
    'P2y',
    'PT5H',
    'P1YT1H',
    'P-1Y',
    'P1.5Y',
    'P1D1Y',
    "P1Y'",
    'P 1Y',
  ])('%s is none', text => {
    expect(isPeriod(text)).toBe(false)
  })

  test('end when PostgreSQL says they end: leap days, ends of months and of years', async () => {
    const starts = [
      '2024-02-29',
      '2026-01-31',
      '2026-12-31',
      '2027-08-31',
      '2028-02-29',
      '2026-04-22',
      '2026-03-01',
    ]
    const periods = ['P1Y', 'P2Y', 'P4Y', 'P1M', 'P13M', 'P1M1D', 'P1Y1M1W1D', 'P90D', 'P2W', 'P6M']
    for (const start of starts)
      for (const period of periods) {
        const from = new Date(`${start}T13:14:15.678Z`)
        const { rows } = await database.query(
          `select ($1::timestamptz at time zone 'UTC' + $2::interval) at time zone 'UTC' as ends`,
          [from, period],
        )
        expect([start, period, endOfPeriod(from, period).toISOString()]).toEqual([
          start,
          period,
          rows[0].ends.toISOString(),
        ])
      }
  })
})
