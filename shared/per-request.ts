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
