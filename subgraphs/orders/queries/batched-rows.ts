import DataLoader from 'dataloader'
import type { Context } from '#shared/context.js'

/** One query for all that an operation asks of a kind, however many parents ask. Answers the rows of each key, none where there are none. */
export function batched<Row extends { key: string }>(
  read: (context: Context, keys: readonly string[]) => Promise<Row[]>,
): (context: Context, key: string) => Promise<Row[]> {
  const loaders = new WeakMap<Context, DataLoader<string, Row[]>>()
  const make = (context: Context) =>
    new DataLoader<string, Row[]>(async keys => {
      const found = new Map<string, Row[]>(keys.map(key => [key, []]))
      for (const row of await read(context, keys)) found.get(row.key)?.push(row)
      return keys.map(key => found.get(key)!)
    })
  return (context, key) => {
    const loader = loaders.get(context) ?? make(context)
    loaders.set(context, loader)
    return loader.load(key)
  }
}
