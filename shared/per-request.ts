import DataLoader from 'dataloader'
import type { Context } from '#shared/context.js'

/** Something that is made once for each operation, such as a loader. */
export function perRequest<T>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, T>()
  return context => {
    const known = made.get(context)
    if (known) return known
    const fresh = make(context)
    made.set(context, fresh)
    return fresh
  }
}

/**
 * Something that many fields of an operation ask for, each by its key: read once for all of them.
 * @param read answers a value for each key, in the order of the keys
 */
export function batched<K, V>(
  read: (context: Context, keys: readonly K[]) => Promise<readonly V[]>,
  options?: DataLoader.Options<K, V>,
): (context: Context, key: K) => Promise<V> {
  const loaders = perRequest(context => new DataLoader<K, V>(keys => read(context, keys), options))
  return (context, key) => loaders(context).load(key)
}
