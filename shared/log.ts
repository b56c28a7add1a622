import { types } from 'node:util'
import { type Logger, pino } from 'pino'
import type { Config } from '#shared/config.js'

export type { Logger } from 'pino'

/** What is worth keeping of an error: never SQL parameters, row values (`detail`) or request bodies. */
const describe = (error: unknown): unknown => {
  if (!types.isNativeError(error)) return error
  const { code, path, severity } = error as Error & { code?: unknown; path?: unknown; severity?: unknown }
  return {
    type: error.constructor.name,
    message: error.message,
    code,
    severity,
    path,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : describe(error.cause),
  }
}

/**
 * A logger that writes JSON lines to stderr: stdout is for people.
 * @param config only the level is read
 * @param name the part that speaks, e.g. `orders`; in each line as `name`
 */
export const createLogger = (config: Pick<Config, 'logLevel'>, name: string): Logger =>
  pino(
    {
      name,
      level: config.logLevel,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describe, error: describe },
    },
    pino.destination(2),
  )
