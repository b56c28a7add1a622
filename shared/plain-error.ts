/** Errors that are meant for the person at the terminal: their message says what to do, and a stack would only hide it. */
const PLAIN: ReadonlySet<string> = new Set([
  'ConfigError',
  'KeyError',
  'PostgresError',
  'DatabaseError',
  'MigrationError',
  'CompositionError',
  'ListenError',
  'CommandError',
  'FileError',
  'ImportStopped',
])

/** What to print of an error that ends a program: its message alone where that is enough, all there is to know otherwise. */
export const wordsFor = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return PLAIN.has(error.name) ? error.message : (error.stack ?? error.message)
}
