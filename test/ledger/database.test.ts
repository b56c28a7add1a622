import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { cloneDatabase } from '../kit/cluster.js'

/** What the database refuses by itself, whoever asks: here its superuser. */
let database: pg.Client

beforeAll(async () => {
  database = new pg.Client(await cloneDatabase('ledger'))
  await database.connect()
})
afterAll(() => database?.end())

interface Entry {
  account?: string
  side?: string
  amount?: number | string | null
  currency?: string | null
  organization?: string | null
  order?: string | null
  position?: number
}

const header = (id: string, entries: number, kind = 'ADJUSTMENT') =>
  database.query(
    `insert into orders.ledger_transaction (id, version, created_at, updated_at, kind, event_id, entry_count, occurred_at)
     values ($1, 1, now(), now(), $2, 'evt_1', $3, now())`,
    [id, kind, entries],
  )

const entries = (transaction: string, ...all: Entry[]) =>
  database.query(
    `insert into orders.ledger_entry
       (id, version, created_at, updated_at, transaction_id, position, account, organization_id, side, amount, order_id, occurred_at)
     select $1 || '_' || gen_random_uuid(), 1, now(), now(), $1, e.position, e.account, e.organization, e.side,
       jsonb_strip_nulls(jsonb_build_object('amount', e.amount, 'currency', e.currency)), e."order", now()
     from jsonb_to_recordset($2) e(position int, account text, organization text, side text, amount bigint, currency text, "order" text)`,
    [
      transaction,
      JSON.stringify(
        all.map((entry, at) => ({
          position: at + 1,
          account: 'ADJUSTMENTS',
          side: at % 2 ? 'CREDIT' : 'DEBIT',
          amount: 100,
          currency: 'USD',
          ...entry,
        })),
      ),
    ],
  )

/** Within one transaction; answers what the database says to it, or `taken`. */
async function attempt(work: () => Promise<unknown>): Promise<string> {
  await database.query('begin')
  try {
    await work()
    await database.query('commit')
    return 'taken'
  } catch (error) {
    await database.query('rollback')
    return (error as Error).message
  }
}

const posted = (id: string, ...all: Entry[]) =>
  attempt(async () => {
    await header(id, all.length)
    await entries(id, ...all)
  })

test('takes what balances in each currency', async () => {
  expect(await posted('ltx_ok', {}, { account: 'PLATFORM_FEES' })).toBe('taken')
  const jpy = { currency: 'JPY', amount: 7 }
  expect(await posted('ltx_two', {}, {}, { ...jpy, side: 'CREDIT' }, { ...jpy, side: 'DEBIT' })).toBe('taken')
})

test.each<[string, Entry[], RegExp]>([
  ['one unit off', [{}, { amount: 99 }], /does not balance: 1 minor units of USD/],
  ['both on one side', [{}, { side: 'DEBIT' }], /does not balance/],
  ['two currencies against each other', [{}, { currency: 'EUR' }], /does not balance/],
  ['a single entry', [{}], /entry_count/],
  ['an entry of nothing', [{}, {}, { amount: 0 }, { amount: 0 }], /more_than_nothing/],
  ['an entry below nothing', [{}, {}, { amount: -5 }, { amount: -5 }], /more_than_nothing/],
  ['an entry without a sum', [{}, {}, { amount: null }, { amount: null }], /more_than_nothing|not-null/],
  ['an entry without a currency', [{ currency: null }, { currency: null }], /has_currency/],
  ['a currency that is no code', [{ currency: 'usd' }, { currency: 'usd' }], /has_currency/],
  ['an account that there is not', [{}, { account: 'PETTY_CASH' }], /account_check/],
  ['a side that there is not', [{}, { side: 'LEFT' }], /side_check/],
  ['nobody’s payable', [{}, { account: 'SELLER_PAYABLE' }], /payable_to_somebody/],
  ['entries with a gap', [{}, { position: 3 }], /not the 2 that come here|entries/],
])('refuses %s', async (_what, all, message) => {
  expect(await posted('ltx_bad', ...all)).toMatch(message)
  const { rows } = await database.query(`select from orders.ledger_transaction where id = 'ltx_bad'`)
  expect(rows).toHaveLength(0)
})

test('takes a payable of an order whose seller nobody knows', async () => {
  expect(await posted('ltx_unknown', {}, { account: 'SELLER_PAYABLE', order: 'ord_1' })).toBe('taken')
})

test('refuses a kind that there is not, and entries of no transaction', async () => {
  expect(await attempt(() => header('ltx_kind', 2, 'MAGIC'))).toMatch(/kind_check/)
  expect(await attempt(() => entries('ltx_nowhere', {}, {}))).toMatch(/foreign key/)
})

test('refuses a transaction whose entries never come, at the commit', async () => {
  expect(await attempt(() => header('ltx_empty', 2))).toMatch(/ltx_empty has no entries/)
})

test('refuses fewer or more entries than a transaction says', async () => {
  const off = (n: number) => attempt(() => header('ltx_off', n).then(() => entries('ltx_off', {}, {})))
  expect(await off(3)).toMatch(/has 3 entries, not the 2/)
  expect(await posted('ltx_off', {}, {}, {}, {})).toBe('taken')
})

test('refuses entries that come later, balanced or not, with any numbers', async () => {
  await posted('ltx_done', {}, {})
  expect(await attempt(() => entries('ltx_done', {}, {}))).toMatch(/unique|duplicate/)
  const later = [{ position: 3 }, { position: 4 }]
  expect(await attempt(() => entries('ltx_done', ...later))).toMatch(/ltx_done has 2 entries/)
  const within = attempt(async () => {
    await header('ltx_split', 4)
    await entries('ltx_split', {}, {})
    await entries('ltx_split', { position: 3 }, { position: 4 })
  })
  expect(await within).toMatch(/has 4 entries, not the 2/)
})

test.each(['ledger_transaction', 'ledger_entry'])('refuses to change or remove rows of %s', async table => {
  const how = [
    `update orders.${table} set occurred_at = now()`,
    `delete from orders.${table}`,
    `truncate orders.${table} cascade`,
    `set session_replication_role = replica; delete from orders.${table}`,
  ]
  const columns = await database.query(`select from orders.${table}`)
  for (const statement of how)
    expect({ statement, said: await attempt(() => database.query(statement)) }).toEqual({
      statement,
      said: expect.stringMatching(/is forbidden: the ledger is append-only/),
    })
  await database.query('set session_replication_role = default')
  expect((await database.query(`select from orders.${table}`)).rowCount).toBe(columns.rowCount)
})

test('the product may not even try', async () => {
  const { rows } = await database.query(
    `select table_name, privilege_type from information_schema.role_table_grants
     where grantee = 'opsgraph_app' and table_schema = 'orders' and table_name in ('ledger_transaction', 'ledger_entry') order by 1, 2`,
  )
  expect(rows.map(row => row.privilege_type)).toEqual(['INSERT', 'SELECT', 'INSERT', 'SELECT'])
})
