const tails = new Map<string, Promise<unknown>>()

/**
 * Runs one task at a time for each key in this process. The database's lock is what makes it right; this only keeps those who
 * wait for one hot entity from holding a connection each.
 */
export async function serialised<T>(key: string, task: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve()
  const run = before.then(task, task)
  const tail = run.catch(() => undefined)
  tails.set(key, tail)
  try {
    return await run
  } finally {
    if (tails.get(key) === tail) tails.delete(key)
  }
}
