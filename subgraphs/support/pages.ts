import { badInput, checkFirst, decodeCursor, type Page, type PageArgs, pageOf } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import { type Filter, hydrate } from '#shared/loader.js'
import { states } from '#shared/states.js'
import { withinReach } from './audience.js'
import { type Counted, facetsOf } from './facets.js'
import { Ticket } from './views/ticket.js'

export const TicketOrder = states('TicketOrder', 'In which order tickets are listed.', {
  ATTENTION:
    'What should be handled first: safety, then priority, then what is due, then age (C10, X4); for staff.',
  CREATED_ASC: 'The oldest first (D41).',
  CREATED_DESC: 'The newest first.',
})
export type Order = keyof typeof TicketOrder

/** Columns that an order goes by; the id breaks ties. All of them go the same way, so that rows compare as a whole. */
const COLUMNS: Record<Order, { columns: readonly string[]; down: boolean }> = {
  ATTENTION: { columns: ['attention_rank', 'due_rank', 'created_at'], down: false },
  CREATED_ASC: { columns: ['created_at'], down: false },
  CREATED_DESC: { columns: ['created_at'], down: true },
}
const TYPES: Record<string, string> = {
  attention_rank: 'smallint',
  due_rank: 'timestamptz',
  created_at: 'timestamptz',
}
const FORMS: Record<string, RegExp> = {
  attention_rank: /^[0-7]$/,
  due_rank: /^(infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/,
  created_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
}

type Raw = Record<string, unknown>

/** `pg` reads infinity as a number. */
const textOf = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : value === Number.POSITIVE_INFINITY
      ? 'infinity'
      : String(value)

/** Where a page begins: what the last row seen had in each column. @throws GraphQLError BAD_USER_INPUT for another order's cursor */
function readCursor(after: string, columns: readonly string[]): string[] {
  const [at, id] = decodeCursor(after)
  const parts = String(at).split('|')
  const fits =
    parts.length === columns.length &&
    parts.every((text, i) => FORMS[columns[i]!]!.test(text) && (text === 'infinity' || !isNaNTime(text)))
  if (!fits) throw badInput('This cursor is of a list in another order: take one from pageInfo.endCursor.')
  return [...parts, id]
}
const isNaNTime = (text: string): boolean => text.length > 1 && Number.isNaN(Date.parse(text))

/**
 * A page of tickets within the caller's reach, in an order, by keyset: what was seen is never shown again and nothing is left out,
 * whatever is opened meanwhile.
 */
export async function ticketPage(
  { db, identity }: Pick<Context, 'db' | 'identity'>,
  filter: Filter,
  order: Order,
  { first, after }: PageArgs,
): Promise<Page<Ticket> & Counted> {
  checkFirst(first)
  const { columns, down } = COLUMNS[order]
  const reach = withinReach(filter, identity)
  const values = [...reach.values]
  let where = `(${reach.where})`
  if (after) {
    const seen = readCursor(after, columns)
    const typed = seen.map((value, i) => `$${values.push(value)}::${TYPES[columns[i] ?? ''] ?? 'text'}`)
    where += ` and (${[...columns, 'id'].join(', ')}) ${down ? '<' : '>'} (${typed.join(', ')})`
  }
  const by = [...columns, 'id'].map(column => `${column}${down ? ' desc' : ''}`).join(', ')
  const rows: Raw[] = await db.query(
    `select * from support.ticket where ${where} order by ${by} limit ${first + 1}`,
    values,
  )
  const raw = new Map(rows.map(row => [row.id as string, row]))
  const page = pageOf(
    rows.map(row => hydrate(Ticket, row)),
    first,
    ({ id }) => [columns.map(column => textOf(raw.get(id)![column])).join('|'), id],
    async () => {
      const [{ n }] = await db.query(
        `select count(*)::int as n from support.ticket where ${reach.where}`,
        reach.values,
      )
      return n
    },
  )
  return { ...page, facetsOf: () => facetsOf(db, reach) }
}
