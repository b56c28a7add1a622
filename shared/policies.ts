import type { EntityManager } from 'typeorm'
import { z } from 'zod'
import { type ClockKind, isTimeZone, type WorkingDay } from '#shared/calendar.js'
import { isCurrency } from '#shared/money.js'
import { isPeriod } from '#shared/period.js'
import { Role } from '#shared/roles.js'

/** Sums by ISO currency, in minor units. A currency that is missing has none set: then it takes a second person (X14). */
export type SumsByCurrency = Readonly<Record<string, number>>

/** How much somebody may give alone. */
export type LimitValue = SumsByCurrency | 'UNLIMITED'

/** What the numbers of a policy count. */
export const POLICY_UNITS = {
  MINOR_UNITS: "Sums by ISO currency, each in the currency's smallest unit.",
  BUSINESS_HOURS: 'Hours of business days: 24 a day, Monday to Friday in UTC, without holidays.',
  CLOCK_HOURS: 'Hours of the clock that support.sla.clock says.',
  CLOCK: 'Nothing: it says which time counts.',
  WORKING_DAY: 'Times of day in a time zone.',
  DAYS: 'Days of 24 hours.',
  MINUTES: 'Minutes.',
  SECONDS: 'Seconds.',
  PERIOD: 'A period of the calendar in UTC, as ISO 8601 writes it.',
  DATES: 'Dates in UTC, as 2026-12-25.',
  WORDS: 'Words of a closed list.',
} as const
export type PolicyUnit = keyof typeof POLICY_UNITS

interface Definition<T> {
  description: string
  unit: PolicyUnit
  form: z.ZodType<T>
  /** What a right value is, for people. */
  right: string
  /** Holds until somebody changes it. */
  default: T
}

/** More than any limit that means something; what is more is meant as no limit. */
const MOST = 1e15
const sums = z.record(z.string().refine(isCurrency), z.int().min(0).max(MOST))

const EXAMPLE = `an object of ISO currencies and whole sums in minor units such as {"USD": 10000}`

const limit = (description: string, value: LimitValue): Definition<LimitValue> => ({
  description: `${description} A currency that is missing takes a second person.`,
  unit: 'MINOR_UNITS',
  form: z.union([sums, z.literal('UNLIMITED')]),
  right: `${EXAMPLE}, or "UNLIMITED"`,
  default: value,
})

const approval = (description: string, value: SumsByCurrency): Definition<SumsByCurrency> => ({
  description: `${description} A currency that is missing: nothing.`,
  unit: 'MINOR_UNITS',
  form: sums,
  right: EXAMPLE,
  default: value,
})

const duration = (
  unit: 'BUSINESS_HOURS' | 'CLOCK_HOURS' | 'DAYS' | 'MINUTES' | 'SECONDS',
  description: string,
  value: number,
  most: number,
  least = 1,
): Definition<number> => ({
  description,
  unit,
  form: z.int().min(least).max(most),
  right: `a whole number from ${least} to ${most}`,
  default: value,
})
const hours = (description: string, value: number) => duration('BUSINESS_HOURS', description, value, 2_000)
const clockHours = (description: string, value: number) => duration('CLOCK_HOURS', description, value, 2_000)
const days = (description: string, value: number) => duration('DAYS', description, value, 365)
const minutes = (description: string, value: number) => duration('MINUTES', description, value, 1_440)
const seconds = (description: string, value: number) => duration('SECONDS', description, value, 3_600, 0)

const dates = (description: string, value: readonly string[]): Definition<readonly string[]> => ({
  description,
  unit: 'DATES',
  form: z
    .array(z.iso.date())
    .max(1_000)
    .transform(list => [...new Set(list)].sort()),
  right: 'a list of dates such as ["2026-12-25"], at most 1000',
  default: value,
})

const words = (
  description: string,
  closed: readonly [string, ...string[]],
  value: readonly string[],
): Definition<readonly string[]> => ({
  description,
  unit: 'WORDS',
  form: z
    .array(z.enum(closed))
    .max(100)
    .transform(list => [...new Set(list)].sort()),
  right: `a list of some of ${closed.join(', ')}`,
  default: value,
})

/** How long something is kept. */
export interface RetentionRule {
  /** ISO 8601, e.g. `P2Y`; null: as long as the ticket that it belongs to. */
  period: string | null
  /** Also `UPLOADED` never ends while the ticket is open. */
  countsFrom: 'CASE_CLOSED' | 'UPLOADED'
}

const retention = (description: string, value: RetentionRule): Definition<RetentionRule> => ({
  description: `${description} A shorter one holds for what is there already. What is under a legal hold stays.`,
  unit: 'PERIOD',
  form: z.strictObject({
    period: z.string().refine(isPeriod).nullable(),
    countsFrom: z.enum(['CASE_CLOSED', 'UPLOADED']),
  }),
  right:
    'a rule such as {"period": "P2Y", "countsFrom": "CASE_CLOSED"}: years, months, weeks and days, at least one day, or null for as long as the ticket; countsFrom is CASE_CLOSED or UPLOADED',
  default: value,
})

/** Why tickets are escalated; the first four are grave enough to be immediate unless two people decide otherwise (A20, A21). */
const ESCALATION_TRIGGERS = [
  'LEGAL_COMPLIANCE',
  'PAYMENTS',
  'PLATFORM_WIDE_ACCESS',
  'WIDESPREAD_CUSTOMER_IMPACT',
  'CONFLICTING_LEGAL_EVIDENCE',
  'MODERATION_EDGE_CASE',
  'MULTI_STORE_NOTIFICATION_FAILURE',
  'MULTI_STORE_ORDER_FAILURE',
  'PRODUCTION_RELEASE_REGRESSION',
] as const

const CLOCKS = ['CALENDAR', 'BUSINESS_DAYS', 'BUSINESS_HOURS'] as const satisfies readonly ClockKind[]

/** One of a closed list. */
const choice = <const T extends string>(
  description: string,
  closed: readonly [T, ...T[]],
  value: NoInfer<T>,
): Definition<T> => ({
  description,
  unit: 'WORDS',
  form: z.enum(closed) as unknown as z.ZodType<T>,
  right: `one of ${closed.map(one => `"${one}"`).join(', ')}`,
  default: value,
})

const clock = (description: string, value: ClockKind): Definition<ClockKind> => ({
  ...choice<ClockKind>(description, CLOCKS, value),
  unit: 'CLOCK',
})

const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/)

const workingDay = (description: string, value: WorkingDay): Definition<WorkingDay> => ({
  description,
  unit: 'WORKING_DAY',
  form: z
    .strictObject({ timeZone: z.string().max(60).refine(isTimeZone), opens: timeOfDay, closes: timeOfDay })
    .refine(({ opens, closes }) => opens < closes, { path: ['closes'] }),
  right:
    'a day such as {"timeZone": "Europe/Vienna", "opens": "09:00", "closes": "17:00"} that closes after it opens',
  default: value,
})

/** Days on which the federal offices of the United States are closed (5 U.S.C. 6103), as observed. Facts of these three years. */
const US_FEDERAL_HOLIDAYS = [
  '2026-01-01',
  '2026-01-19',
  '2026-02-16',
  '2026-05-25',
  '2026-06-19',
  '2026-07-03',
  '2026-09-07',
  '2026-10-12',
  '2026-11-11',
  '2026-11-26',
  '2026-12-25',
  '2027-01-01',
  '2027-01-18',
  '2027-02-15',
  '2027-05-31',
  '2027-06-18',
  '2027-07-05',
  '2027-09-06',
  '2027-10-11',
  '2027-11-11',
  '2027-11-25',
  '2027-12-24',
  '2027-12-31',
  '2028-01-17',
  '2028-02-21',
  '2028-05-29',
  '2028-06-19',
  '2028-07-04',
  '2028-09-04',
  '2028-10-09',
  '2028-11-10',
  '2028-11-23',
  '2028-12-25',
]

const alone = 'may give back alone: for each refund, and in total on one order.'

/** Every rule that is data (E78, X26): its meaning, its form, and what holds until two people change it. A closed list. */
export const POLICIES = {
  [`refund.limit.${Role.SUPPORT_AGENT}`]: limit(`How much a support agent ${alone}`, { USD: 100_00 }),
  [`refund.limit.${Role.SUPPORT_LEAD}`]: limit(`How much a support lead ${alone}`, { USD: 100_00 }),
  [`refund.limit.${Role.FINANCE_ADMIN}`]: limit(`How much a finance admin ${alone}`, 'UNLIMITED'),
  'refund.limit.perAgentDay': limit(
    'How much one person may give back alone within 24 hours, over all orders. Does not hold for roles without a limit.',
    { USD: 500_00 },
  ),
  [`refund.approve.${Role.SUPPORT_LEAD}`]: approval(
    'Up to how much a support lead may approve what somebody else asks to give back.',
    {},
  ),
  'fulfilment.labelDeadlineHours': hours('How long a seller may take to buy a label.', 72),
  'fulfilment.graceHours': hours('How much more time a seller gets who bought no label in time.', 24),
  'shipping.trackingStaleDays': days('After how long without a scan tracking counts as stale.', 5),
  'shipping.investigationDueHours': hours('How long an investigation of a shipment may take.', 72),
  'claim.firstResponseHours': hours('How soon somebody has to answer a claim.', 24),
  'claim.evidenceDueHours': hours('How long one has to bring evidence for a claim.', 72),
  'support.immediateTriggers': words(
    'Which reasons to escalate a ticket are always immediate; the others are prompt unless raised.',
    ESCALATION_TRIGGERS,
    ESCALATION_TRIGGERS.slice(0, 4),
  ),
  'support.promptEscalationHours': hours('How soon somebody has to take up what was escalated PROMPT.', 4),
  'escalation.acknowledgeMinutes': minutes(
    'How long those who were paged may take to acknowledge what was escalated IMMEDIATE, until others are paged, too.',
    15,
  ),
  'support.outboundHoldSeconds': seconds(
    'How long what customers are told waits, so that it can be recalled. 0: not at all.',
    20,
  ),
  'support.infectedFiles': choice(
    'What becomes of files in which malware is found: ERASE them, or QUARANTINE them where nobody gets them. What is evidence or held is always quarantined.',
    ['ERASE', 'QUARANTINE'],
    'ERASE',
  ),
  'support.sla.firstResponseHours': clockHours('How soon staff first reply to a ticket.', 24),
  'support.sla.urgentHours': clockHours(
    'How soon they do when it is urgent or somebody may come to harm; what is more than the usual hours shortens nothing.',
    24,
  ),
  'support.sla.emergencyHours': clockHours(
    'How soon staff reply after it was escalated IMMEDIATE: all hours count, by day and by night.',
    1,
  ),
  'support.sla.nearBreachHours': clockHours(
    'How long before it is due a first reply is at risk; at most half of the time that there is.',
    4,
  ),
  'support.sla.clock': clock(
    'Which time counts for first replies: CALENDAR all of it, BUSINESS_DAYS 24 hours on each, BUSINESS_HOURS the hours of support.sla.businessHours.',
    'BUSINESS_DAYS',
  ),
  'support.sla.businessHours': workingDay('When support works, for the clock BUSINESS_HOURS.', {
    timeZone: 'UTC',
    opens: '09:00',
    closes: '17:00',
  }),
  'retention.MESSAGE': retention('How long files are kept that go with what somebody writes.', {
    period: null,
    countsFrom: 'CASE_CLOSED',
  }),
  'retention.TRUST_SAFETY_EVIDENCE': retention('How long evidence of trust and safety is kept.', {
    period: 'P2Y',
    countsFrom: 'CASE_CLOSED',
  }),
  'calendar.holidays': dates('Days without business, on which no business hours pass.', US_FEDERAL_HOLIDAYS),
} as const

export type PolicyKey = keyof typeof POLICIES
export type PolicyValue<K extends PolicyKey = PolicyKey> = (typeof POLICIES)[K]['default']
export const POLICY_KEYS = Object.keys(POLICIES) as PolicyKey[]
export const isPolicyKey = (key: string): key is PolicyKey => Object.hasOwn(POLICIES, key)

/** A value of a policy, and since when. */
export interface InForce<T> {
  value: T
  /** Counts the changes; 0 while the default holds. */
  version: number
  /** Null while the default holds. */
  effectiveFrom: Date | null
}

type Reader = Pick<EntityManager, 'query'>

/**
 * What holds at a moment: the newest decision that is in effect by then, whichever day it is about. So a later decision replaces an
 * earlier one from its own day on, also one that was yet to come.
 */
export async function policiesInForce<K extends PolicyKey>(
  db: Reader,
  keys: readonly K[],
  now: Date,
): Promise<Map<K, InForce<PolicyValue<K>>>> {
  const rows: { key: K; value: PolicyValue<K>; version: number; effective_from: Date }[] = await db.query(
    `select distinct on (key) key, value, version, effective_from from policy.version
     where key = any($1) and effective_from <= $2 order by key, version desc`,
    [keys, now],
  )
  const changed = new Map(rows.map(row => [row.key, row]))
  return new Map(
    keys.map(key => {
      const row = changed.get(key)
      return [
        key,
        {
          value: row?.value ?? (POLICIES[key].default as PolicyValue<K>),
          version: row?.version ?? 0,
          effectiveFrom: row?.effective_from ?? null,
        },
      ]
    }),
  )
}

/** The value of a policy at a moment, of the form that its definition says. */
export async function policyValue<K extends PolicyKey>(
  db: Reader,
  key: K,
  now: Date,
): Promise<PolicyValue<K>> {
  return (await policiesInForce(db, [key], now)).get(key)!.value
}

/**
 * What decisions, in the order in which they were made, amount to at a moment; and whether one of them changes it later, so that
 * deciding the same again still means something.
 */
export function decidedAt(
  key: PolicyKey,
  decided: readonly { value: unknown; effectiveFrom: string }[],
  at: Date,
): { value: unknown; changesLater: boolean } {
  const inEffect = decided.findLastIndex(({ effectiveFrom }) => new Date(effectiveFrom) <= at)
  return {
    value: decided[inEffect]?.value ?? POLICIES[key].default,
    changesLater: inEffect < decided.length - 1,
  }
}

/** A value that has the right form, or what is wrong with it: the path inside it, and what would be right. */
export type ReadValue = { value: PolicyValue } | { path: string; message: string }

export function readPolicyValue(key: PolicyKey, given: unknown): ReadValue {
  const { form, right } = POLICIES[key] as Definition<PolicyValue>
  const parsed = form.safeParse(given)
  if (parsed.success) return { value: parsed.data }
  return { path: pathOf(parsed.error.issues[0]), message: `${key} has to be ${right}.` }
}

/** A union's own issue has no path: the one of its first member, which is the form with parts, has. */
function pathOf(issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return ''
  const inner = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined
  return ['value', ...issue.path, ...(inner?.path ?? [])].map(String).join('.')
}
