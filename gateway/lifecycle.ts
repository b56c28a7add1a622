import type { Logger } from '#shared/log.js'

/** A stop that takes longer than this is cut short (R5). */
const STOP_MS = 15_000

/** Set for a process that is a part of another one, which holds the other end of its standard input. */
export const TIED = 'OPSGRAPH_TIED'

/** Ctrl-C reaches the parent too, which then ends its parts in order; when the parent is gone, without a word too, they end. */
function tieToParent(signals: Signals, end: () => void): void {
  signals.on('SIGINT', () => {})
  const { stdin } = process
  stdin.on('end', end).on('error', end).resume()
  // Watching must not keep alive what failed to start. A pipe is a socket; its type here says less.
  if ('unref' in stdin) (stdin as unknown as { unref(): void }).unref()
}

/** Where signals and faults come from: the process, or something in its place in a test. */
type Signals = Pick<NodeJS.Process, 'on' | 'exit'>

/**
 * Ends the process in order: SIGTERM and SIGINT drain and exit 0, a second one exits at once. A rejection that nobody handled
 * is logged and the process goes on (graphql-js 16 leaks harmless ones: gateway 5); an exception that nobody caught leaves
 * unknown damage, so it drains and exits 1.
 * @param stop ends what runs; called once
 */
export function superviseProcess(stop: () => Promise<void>, log: Logger, signals: Signals = process): void {
  let stopping = false
  const end = (code: number) => {
    if (stopping) return signals.exit(code || 130)
    stopping = true
    setTimeout(() => signals.exit(code || 1), STOP_MS).unref()
    stop().then(
      () => signals.exit(code),
      (err: unknown) => {
        log.error({ err }, 'could not stop in order')
        signals.exit(1)
      },
    )
  }
  signals.on('SIGTERM', () => end(0))
  if (process.env[TIED] === 'true') tieToParent(signals, () => end(0))
  else signals.on('SIGINT', () => end(0))
  signals.on('unhandledRejection', err => log.error({ err }, 'a rejection was handled by nobody'))
  signals.on('uncaughtException', err => {
    log.fatal({ err }, 'an exception was caught by nobody; stopping')
    end(1)
  })
}
