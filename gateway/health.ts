import type { ServerResponse } from 'node:http'
import type { DataSource } from 'typeorm'
import { sendJson } from '#gateway/http.js'
import { ping } from '#shared/database.js'

/** The database has to answer within this for the process to count as ready (security 6). */
const PING_MS = 500

export type Phase = 'starting' | 'ready' | 'draining'

/** `/livez`: the process runs. `/readyz`: it can do its work. Neither asks for a token, and neither tells details. */
export class Health {
  phase: Phase = 'starting'

  constructor(readonly db: DataSource) {}

  /** Whether requests can be served now. */
  async isReady(): Promise<boolean> {
    return this.phase === 'ready' && (await ping(this.db, PING_MS)) && (await this.#isMigrated())
  }

  /** A database that was put in the place of ours is there, but empty. */
  async #isMigrated(): Promise<boolean> {
    const [row] = await this.db
      .query<{ there: boolean }[]>(`select to_regclass('access.person') is not null as there`)
      .catch(() => [])
    return row?.there === true
  }

  /** @returns false when the path is not one of health's */
  async answer(path: string, response: ServerResponse): Promise<boolean> {
    if (path === '/livez') sendJson(response, 200, { status: 'alive' })
    else if (path === '/readyz') {
      const ready = await this.isReady()
      const status = ready ? 'ready' : this.phase === 'ready' ? 'unavailable' : this.phase
      sendJson(response, ready ? 200 : 503, { status })
    } else return false
    return true
  }
}
