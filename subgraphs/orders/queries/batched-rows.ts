import type { Context } from '#shared/context.js'
import { batched } from '#shared/per-request.js'

/** One query for all that an operation asks of a kind, however many parents ask. Answers the rows of each key, none where there are none. */
export const batchedRows = <Row extends { key: string }>(
  read: (context: Context, keys: readonly string[]) => Promise<Row[]>,
) =>
  batched<string, Row[]>(async (context, keys) => {
    const found = new Map<string, Row[]>(keys.map(key => [key, []]))
    for (const row of await read(context, keys)) found.get(row.key)?.push(row)
    return keys.map(key => found.get(key)!)
  })
