import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { connectionOptions, type DatabaseRole } from '#shared/database.js'
import type { Logger } from '#shared/log.js'

/** Something to wait for, by one waiter: remembers that it was poked while nobody waited. */
export class Wake {
  private poked = false
  private wakeUp: (() => void) | null = null

  poke(): void {
    this.poked = true
    this.wakeUp?.()
  }

  /** Until the next poke, or one since the last wait, or `ms` milliseconds. */
  async wait(ms: number): Promise<void> {
    if (!this.poked)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, ms)
        this.wakeUp = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.wakeUp = null
    this.poked = false
  }
}

export interface SessionOptions {
  url: string
  /** Whose rights the connection has. */
  role: DatabaseRole
  /** What it is for, in the log and in pg_stat_activity. */
  name: string
  log: Logger
  /** Runs on each new connection, until it fails or `stopped()`; then the connection is closed. */
  run(client: pg.Client, stopped: () => boolean): Promise<void>
  /** Called for every notification, when the connection is lost and when it shall stop: `run` has to look then. */
  wake(): void
}

/** Waits between two attempts to connect, ms. */
const PAUSES = [50, 100, 250, 500, 1000]

/**
 * A connection of one's own, for what a pool cannot hold: LISTEN and session locks. It comes back until it is stopped, however
 * often the database goes away (R7); an outage is logged once, not at each attempt.
 */
export class Session {
  private stopped = false
  private failures = 0
  private readonly pause = new Wake()
  private readonly ended: Promise<void>

  constructor(private readonly options: SessionOptions) {
    this.ended = this.keepUp()
  }

  /** Answers when `run` has come to its end and the connection is closed. */
  async stop(): Promise<void> {
    this.stopped = true
    this.pause.poke()
    this.options.wake()
    await this.ended
  }

  private async keepUp(): Promise<void> {
    const { log, name } = this.options
    while (!this.stopped) {
      try {
        await this.once()
      } catch (error) {
        if (this.failures++ === 0 && !this.stopped)
          log.warn({ err: error }, `${name} was interrupted, trying again`)
      }
      if (!this.stopped) await this.pause.wait(PAUSES[Math.min(this.failures, PAUSES.length - 1)]!)
    }
  }

  private async once(): Promise<void> {
    const { url, role, name, run, wake } = this.options
    const client = new pg.Client({ ...connectionOptions(url, role), application_name: `opsgraph ${name}` })
    client.on('error', wake)
    client.on('end', wake)
    client.on('notification', wake)
    try {
      await client.connect()
      await noticeDeadPeer(client)
      this.failures = 0
      await run(client, () => this.stopped)
    } finally {
      await Promise.race([client.end().catch(() => {}), sleep(1000, undefined, { ref: false })])
    }
  }
}

/** Otherwise the server keeps a lock for two hours for a machine that vanished from the network. */
async function noticeDeadPeer(client: pg.Client): Promise<void> {
  await client.query(
    'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3',
  )
}
