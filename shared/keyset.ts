import { badInput, type Cursor, decodeCursor } from '#shared/connection.js'

/** Columns that a list goes by, all of them the same way, so that rows compare as a whole; the id, last, breaks ties. */
export interface Sorting {
  columns: readonly (keyof typeof TYPES)[]
  id: string
  down: boolean
}

const TYPES = { attention_rank: 'smallint', due_rank: 'timestamptz', created_at: 'timestamptz' } as const
const FORMS: Record<keyof typeof TYPES, RegExp> = {
  attention_rank: /^[0-7]$/,
  due_rank: /^(infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/,
  created_at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
}

const isNoTime = (text: string): boolean => text.length > 1 && Number.isNaN(Date.parse(text))

/** `pg` reads infinity as a number. */
const textOf = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : value === Number.POSITIVE_INFINITY
      ? 'infinity'
      : String(value)

/** Where a row, as the database gave it, stands in a list. */
export const placeOf = (row: Record<string, unknown>, { columns, id }: Sorting): Cursor => [
  columns.map(column => textOf(row[column])).join('|'),
  row[id] as string,
]

/** What the last row seen had in each column, its id last. @throws GraphQLError BAD_USER_INPUT for another order's cursor */
function readCursor(after: string, columns: Sorting['columns']): string[] {
  const [at, id] = decodeCursor(after)
  const parts = String(at).split('|')
  const fits =
    parts.length === columns.length &&
    parts.every((text, i) => FORMS[columns[i]!].test(text) && (text === 'infinity' || !isNoTime(text)))
  if (!fits) throw badInput('This cursor is of a list in another order: take one from pageInfo.endCursor.')
  return [...parts, id]
}

/**
 * The condition that a row comes behind a cursor; its values are added to `values`.
 * @throws GraphQLError BAD_USER_INPUT for a cursor of another order, or none at all
 */
export function isBehind(after: string, { columns, id, down }: Sorting, values: unknown[]): string {
  const seen = readCursor(after, columns)
  const typed = seen.map((value, i) => {
    const column = columns[i]
    return `$${values.push(value)}::${column ? TYPES[column] : 'text'}`
  })
  return `(${[...columns, id].join(', ')}) ${down ? '<' : '>'} (${typed.join(', ')})`
}

/** What stands behind `order by`. */
export const orderBy = ({ columns, id, down }: Sorting): string =>
  [...columns, id].map(column => `${column}${down ? ' desc' : ''}`).join(', ')
