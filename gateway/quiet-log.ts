import type { Logger } from '#shared/log.js'

/** The log for Apollo, a level lower: its messages are about Apollo; what matters to us is logged where errors are presented. */
export const quiet = (log: Logger) => ({
  debug: (message?: unknown) => log.trace(String(message)),
  info: (message?: unknown) => log.debug(String(message)),
  warn: (message?: unknown) => log.warn(String(message)),
  error: (message?: unknown) => log.error(String(message)),
})
