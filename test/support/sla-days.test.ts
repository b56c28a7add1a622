import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Clock, type ClockKind, clockAfter, ranBetween } from '#shared/calendar.js'
import type { SlaPromise } from '#shared/events/sla.js'
import type { TicketStatus } from '#shared/events/support.js'
import { POLICIES } from '#shared/policies.js'
import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { begun, followed, type SlaCycle, stateAt } from '#subgraphs/support/sla/sla.js'
import { type Json, type Person, World } from '../kit/world.js'

const HOUR = 3_600_000
const utc = (text: string): Date => new Date(`${text.replace(' ', 'T')}:00.000Z`)

/**
 * When a first reply is due that was asked for then, and paused like this in between. All times are UTC, all of them worked out by hand,
 * as the words beside each say: how much is used up at each pause, and what is left after it. Holidays are those of the law.
 */
interface Case {
  name: string
  kind: ClockKind
  hours: number
  zone?: string
  /** `09:00` to `17:00` unless said otherwise. */
  day?: [opens: string, closes: string]
  opened: string
  pauses: [from: string, to: string][]
  due: string
}

const days = (name: string, opened: string, pauses: Case['pauses'], due: string): Case => ({
  name,
  kind: 'BUSINESS_DAYS',
  hours: 24,
  opened,
  pauses,
  due,
})
const hours = (
  name: string,
  zone: string,
  opened: string,
  pauses: Case['pauses'],
  due: string,
  more: Partial<Case> = {},
): Case => ({ name, kind: 'BUSINESS_HOURS', hours: 8, zone, opened, pauses, due, ...more })

const CASES: Case[] = [
  // 5 h used on Friday; 19 h from Monday 06:00 are over on Tuesday 01:00.
  days(
    'from Friday evening to Monday morning',
    '2026-04-24 15:00',
    [['2026-04-24 20:00', '2026-04-27 06:00']],
    '2026-04-28 01:00',
  ),
  // Nothing counts on a weekend: a pause in it costs nothing.
  days(
    'within a weekend',
    '2026-04-24 15:00',
    [['2026-04-25 03:00', '2026-04-26 21:00']],
    '2026-04-27 15:00',
  ),
  // 8 h used by Friday 23:00; taken up on Saturday, when nothing runs: 16 h from Monday 00:00.
  days(
    'from Friday into the weekend',
    '2026-04-24 15:00',
    [['2026-04-24 23:00', '2026-04-25 12:00']],
    '2026-04-27 16:00',
  ),
  // 22 h used by Friday, 31 July; 2 h from Monday, 3 August 05:00.
  days(
    'over the end of a month and a weekend',
    '2026-07-30 10:00',
    [['2026-07-31 08:00', '2026-08-03 05:00']],
    '2026-08-03 07:00',
  ),
  // Wednesday, 11 November is a holiday: 8 h used on Tuesday, taken up on the holiday, 16 h from Thursday 00:00.
  days(
    'into a holiday in the week',
    '2026-11-10 12:00',
    [['2026-11-10 20:00', '2026-11-11 12:00']],
    '2026-11-12 16:00',
  ),
  // Friday, 25 December is a holiday: 3 h used on Thursday; 21 h from Monday 09:00.
  days(
    'over Christmas and a weekend',
    '2026-12-24 18:00',
    [['2026-12-24 21:00', '2026-12-28 09:00']],
    '2026-12-29 06:00',
  ),
  // Friday, 1 January is a holiday: 6 h used on Thursday; taken up on the holiday, 18 h from Monday 00:00.
  days(
    'over the end of a year, into a holiday before a weekend',
    '2026-12-31 12:00',
    [['2026-12-31 18:00', '2027-01-01 10:00']],
    '2027-01-04 18:00',
  ),
  // New Year 2028 is a Saturday, kept on Friday, 31 December: 9 h used on Thursday; 15 h from Monday 08:00.
  days(
    'over the end of a year whose holiday is the day before',
    '2027-12-30 15:00',
    [['2027-12-31 00:00', '2028-01-03 08:00']],
    '2028-01-03 23:00',
  ),
  // 8 h used on Monday, 28 February; 16 h from Tuesday, 29 February 04:00.
  days('on a leap day', '2028-02-28 12:00', [['2028-02-28 20:00', '2028-02-29 04:00']], '2028-02-29 20:00'),
  // Europe sets its clocks forward on Sunday, 29 March 2026; days of UTC know nothing of it.
  days(
    'when clocks change elsewhere',
    '2026-03-27 12:00',
    [['2026-03-29 00:30', '2026-03-29 01:30']],
    '2026-03-30 12:00',
  ),
  // 1 h, then 4 h, then 5 h used; the last pause is over on Saturday: 14 h from Monday 00:00.
  days(
    'again and again',
    '2026-04-22 08:00',
    [
      ['2026-04-22 09:00', '2026-04-22 21:00'],
      ['2026-04-23 00:00', '2026-04-23 23:00'],
      ['2026-04-24 05:00', '2026-04-25 05:00'],
    ],
    '2026-04-27 14:00',
  ),

  // The calendar knows neither holidays nor weekends: 2 h used, 22 h from Saturday 08:00.
  {
    name: 'over a holiday and a weekend',
    kind: 'CALENDAR',
    hours: 24,
    opened: '2026-12-25 18:00',
    pauses: [['2026-12-25 20:00', '2026-12-26 08:00']],
    due: '2026-12-27 06:00',
  },
  // 3.5 h used in the old year, 20.5 h from 00:30.
  {
    name: 'over midnight of New Year',
    kind: 'CALENDAR',
    hours: 24,
    opened: '2026-12-31 20:00',
    pauses: [['2026-12-31 23:30', '2027-01-01 00:30']],
    due: '2027-01-01 21:00',
  },
  // 24 h are 24 h on the day on which clocks in Vienna skip one, too: 1 h used, 23 h from 03:00.
  {
    name: 'when clocks are set forward',
    kind: 'CALENDAR',
    hours: 24,
    zone: 'Europe/Vienna',
    opened: '2026-03-28 23:00',
    pauses: [['2026-03-29 00:00', '2026-03-29 03:00']],
    due: '2026-03-30 02:00',
  },

  // 1 h used on Friday; 7 h from Monday 10:00 are over as it closes.
  hours(
    'over a weekend, to the end of a working day',
    'UTC',
    '2026-04-24 15:00',
    [['2026-04-24 16:00', '2026-04-27 10:00']],
    '2026-04-27 17:00',
  ),
  // Nothing counts at night: 4 h used on Wednesday, 4 h from Thursday 09:00.
  hours(
    'within a night',
    'UTC',
    '2026-04-22 13:00',
    [['2026-04-22 18:00', '2026-04-23 08:00']],
    '2026-04-23 13:00',
  ),
  // 1 h used on Wednesday; Thursday 11:00 to 17:00 are 6 h; 1 h on Friday.
  hours(
    'from before it opens into the day',
    'UTC',
    '2026-04-22 16:00',
    [['2026-04-23 08:30', '2026-04-23 11:00']],
    '2026-04-24 10:00',
  ),
  // Friday closes at 16:00 UTC, clocks go forward on Sunday, 29 March, Monday opens at 07:00 UTC.
  // 1 h used on Friday; Monday 09:00 to 15:00 are 6 h; Tuesday 07:00 to 08:00.
  hours(
    'Vienna, over the night in which clocks are set forward',
    'Europe/Vienna',
    '2026-03-27 14:00',
    [['2026-03-27 15:00', '2026-03-30 09:00']],
    '2026-03-31 08:00',
  ),
  // 2 h used on Friday (14:00 to 16:00 UTC); 6 h from Monday 07:00.
  hours(
    'Vienna, in the very night',
    'Europe/Vienna',
    '2026-03-27 14:00',
    [['2026-03-28 22:00', '2026-03-29 12:00']],
    '2026-03-30 13:00',
  ),
  // Back on Sunday, 25 October: Friday closes at 15:00 UTC, Monday is 08:00 to 16:00 UTC.
  // 1 h used on Friday; Monday 09:30 to 16:00 are 6.5 h; half an hour on Tuesday.
  hours(
    'Vienna, clocks are set back',
    'Europe/Vienna',
    '2026-10-23 13:00',
    [['2026-10-23 14:00', '2026-10-26 09:30']],
    '2026-10-27 08:30',
  ),
  // Forward on Sunday, 8 March: Friday is 14:00 to 22:00 UTC, Monday 13:00 to 21:00 UTC. 1 h used; 7 h from Monday 14:00.
  hours(
    'New York, clocks are set forward',
    'America/New_York',
    '2026-03-06 20:00',
    [['2026-03-06 21:00', '2026-03-09 14:00']],
    '2026-03-09 21:00',
  ),
  // Back on Sunday, 1 November: Friday ends at 21:00 UTC, Monday is 14:00 to 22:00 UTC. 1 h used; 7 h from Monday 15:00.
  hours(
    'New York, clocks are set back at the end of a month',
    'America/New_York',
    '2026-10-30 19:00',
    [['2026-10-30 20:00', '2026-11-02 15:00']],
    '2026-11-02 22:00',
  ),
  // Friday, 31 December 2027 is a holiday. 1 h used on Thursday (it closes at 16:00 UTC); 7 h from Monday, 3 January 08:00 UTC.
  hours(
    'Vienna, over the end of a year, into a holiday',
    'Europe/Vienna',
    '2027-12-30 14:00',
    [['2027-12-30 15:00', '2027-12-31 12:00']],
    '2028-01-03 15:00',
  ),
  // Friday, 24 April 2026 begins at 01:00 in Cairo: it has 23 hours, from Thursday 22:00 to Friday 21:00 UTC.
  // 13 h used by Thursday 23:00 UTC; 11 h from 01:00 UTC.
  hours(
    'Cairo, around the clock, in the hour after the one that is left out',
    'Africa/Cairo',
    '2026-04-23 10:00',
    [['2026-04-23 23:00', '2026-04-24 01:00']],
    '2026-04-24 12:00',
    { hours: 24, day: ['00:00', '24:00'] },
  ),
  // The same Friday ends at 21:00 UTC: 23 h from Thursday 22:00 UTC; then the weekend of Egypt is not ours: Saturday and Sunday stand
  // still until Sunday 21:00 UTC. 1 h on Monday.
  hours(
    'Cairo, a day of 23 hours before a weekend',
    'Africa/Cairo',
    '2026-04-23 22:00',
    [['2026-04-25 10:00', '2026-04-26 10:00']],
    '2026-04-26 22:00',
    { hours: 24, day: ['00:00', '24:00'] },
  ),
  // Auckland is 12 h ahead: its Friday, 24 April is 21:00 (Thursday) to 05:00 UTC. 2 h used by 23:00 UTC, 3 h from 02:00 to 05:00;
  // its Monday, 27 April begins on Sunday 21:00 UTC: 3 h.
  hours(
    'Auckland, where it is tomorrow',
    'Pacific/Auckland',
    '2026-04-23 21:00',
    [['2026-04-23 23:00', '2026-04-24 02:00']],
    '2026-04-27 00:00',
  ),
]

function clockOf({ kind, zone = 'UTC', day = ['09:00', '17:00'] }: Case): Clock {
  const [opens, closes] = day
  return { kind, timeZone: zone, opens, closes, holidays: POLICIES['calendar.holidays'].default }
}

const open = {
  status: 'OPEN' as TicketStatus,
  priority: 'NORMAL',
  safetySensitive: false,
  filterState: 'INBOX' as const,
}
const waiting = { ...open, status: 'WAITING_ON_BUYER' as TicketStatus }

const NAMED = CASES.map(one => [`${one.kind}: ${one.name}`, one] as const)

describe('the calendar, step by step', () => {
  test.each(NAMED)('%s', (_, one) => {
    const clock = clockOf(one)
    let used = 0
    let from = utc(one.opened)
    for (const [pause, resume] of one.pauses) {
      used += ranBetween(clock, from, utc(pause))
      from = utc(resume)
    }
    const left = one.hours * HOUR - used
    expect(clockAfter(clock, from, left)).toEqual(utc(one.due))
    expect(ranBetween(clock, from, utc(one.due))).toBe(left)
  })
})

describe('a timer that is paused', () => {
  const timerOf = (one: Case): SlaCycle => {
    const promise: SlaPromise = {
      metric: 'FIRST_RESPONSE',
      hours: one.hours,
      urgentHours: one.hours,
      nearBreachHours: 1,
      clock: clockOf(one),
      policyKey: 'support.sla.firstResponseHours',
      policyVersion: 0,
      override: null,
    }
    const begin = begun({ promise, cycle: 0, at: utc(one.opened) }, open)
    return one.pauses.reduce((timer, [pause, resume]) => {
      const paused = followed(timer, waiting, false, utc(pause))
      expect(paused.dueAt).toBeNull()
      return followed(paused, open, false, utc(resume))
    }, begin)
  }

  test.each(NAMED)('%s', (_, one) => {
    const timer = timerOf(one)
    const due = utc(one.due)
    expect(timer.dueAt).toBe(due.toISOString())
    expect(stateAt(followed(timer, open, true, due), due)).toBe('MET')
    const late = new Date(due.getTime() + 1)
    expect(stateAt(timer, due)).toBe('RUNNING')
    expect(stateAt(timer, late)).toBe('BREACHED')
    expect(followed(timer, open, true, late).breachedAt).toBe(due.toISOString())
    expect(followed(timer, open, true, due).spent).toBe(one.hours * HOUR)
  })
})

/** Some of them by the product's own clock, which only goes forward: the one after the other. */
describe('through the gateway', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let rico: Person

  beforeAll(async () => {
    world = await World.open('sla_days', { env: { MAIL: 'off' } })
    people = await world.people()
    rico = await world.person(DEMO_REQUESTER_ID)
  })
  afterAll(() => world?.close())

  const goTo = (text: string): void => world.advance(utc(text).getTime() - world.now.getTime())
  const done = async (who: Person, action: string, input: Json): Promise<void> => {
    expect((await who.act(action, input)).userErrors).toEqual([])
  }
  const dueOf = async (id: string): Promise<string | null> =>
    (await people.sam.ask('query ($id: ID!) { ticket(id: $id) { slaDueAt } }', { id })).ticket.slaDueAt

  const agree = (clock: ClockKind, firstResponseHours: number): Promise<void> =>
    done(people.lea, 'setSlaTerms', {
      organizationId: DEMO_ORGANIZATION_ID,
      firstResponseHours,
      clock,
      reason: 'CUSTOMER_AGREEMENT',
    })

  async function workIn(timeZone: string): Promise<void> {
    const value = { timeZone, opens: '09:00', closes: '17:00' }
    const { approval } = await people.ada.act('changePolicy', {
      key: 'support.sla.businessHours',
      value,
      reason: 'RULES_CHANGED',
    })
    await done(people.otto, 'approveChangePolicy', { approvalId: approval.id })
  }

  async function lived({ opened, pauses, due }: Case): Promise<void> {
    goTo(opened)
    const matter = { subject: 'Broken lamp', description: 'It came in pieces.' }
    const { ticket } = await rico.act('openTicket', matter, 'ticket { id }')
    for (const [pause, resume] of pauses) {
      goTo(pause)
      const waiting = { status: 'WAITING_ON_BUYER', statusReason: 'INFORMATION_REQUESTED' }
      await done(people.sam, 'setTicketStatus', { ticketId: ticket.id, ...waiting })
      expect(await dueOf(ticket.id)).toBeNull()
      goTo(resume)
      await done(rico, 'replyToTicket', { ticketId: ticket.id, body: 'Here.' })
    }
    // The product's clock runs on while it is asked.
    const off = Date.parse((await dueOf(ticket.id))!) - utc(due).getTime()
    expect(Math.abs(off)).toBeLessThan(20_000)
  }

  test('Christmas, the end of a year, and clocks that are set forward in New York and Vienna', async () => {
    // Each as in the table above.
    await lived(CASES.find(({ name }) => name === 'over Christmas and a weekend')!)
    await lived(CASES.find(({ name }) => name === 'over the end of a year, into a holiday before a weekend')!)
    await agree('CALENDAR', 24)
    // 1 h used on Friday evening, 23 h from Sunday 03:00.
    await lived({
      name: '',
      kind: 'CALENDAR',
      hours: 24,
      opened: '2027-01-15 22:00',
      pauses: [['2027-01-15 23:00', '2027-01-17 03:00']],
      due: '2027-01-18 02:00',
    })
    await agree('BUSINESS_HOURS', 8)
    await workIn('America/New_York')
    // Clocks are set forward on Sunday, 14 March 2027: Friday is 14:00 to 22:00 UTC, Monday 13:00 to 21:00 UTC. 2 h used; 6 h from 14:00.
    await lived(
      hours('', '', '2027-03-12 19:00', [['2027-03-12 21:00', '2027-03-15 14:00']], '2027-03-15 20:00'),
    )
    await workIn('Europe/Vienna')
    // On Sunday, 28 March 2027: Friday closes at 16:00 UTC, Monday opens at 07:00 UTC. 1 h used; Monday 09:00 to 15:00; 1 h on Tuesday.
    await lived(
      hours('', '', '2027-03-26 14:00', [['2027-03-26 15:00', '2027-03-29 09:00']], '2027-03-30 08:00'),
    )
    // At the end of a month, over a weekend: Friday, 30 April is 07:00 to 15:00 UTC. 2 h used; 6 h from Monday, 3 May 08:00 UTC.
    await lived(
      hours('', '', '2027-04-30 12:00', [['2027-04-30 14:00', '2027-05-03 08:00']], '2027-05-03 14:00'),
    )
  })
})
