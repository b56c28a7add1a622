/** Opens when half of at least 20 calls within 10 s failed; tries one call again after 5 s (security 4). */
const WINDOW_MS = 10_000
const LEAST_CALLS = 20
const COOL_DOWN_MS = 5_000

/**
 * Stops asking a subgraph that does not answer, so that a hanging one costs its callers nothing instead of 3 s each (R2).
 */
export class Breaker {
  #calls: { at: number; failed: boolean }[] = []
  #openUntil = 0
  #probing = false

  constructor(readonly now: () => number = Date.now) {}

  /** @returns false while the subgraph is left alone */
  allows(): boolean {
    if (this.#openUntil === 0) return true
    if (this.now() < this.#openUntil || this.#probing) return false
    this.#probing = true
    return true
  }

  succeeded(): void {
    if (this.#openUntil !== 0) this.#calls = []
    this.#openUntil = 0
    this.#probing = false
    this.#record(false)
  }

  failed(): void {
    this.#record(true)
    const failures = this.#calls.filter(call => call.failed).length
    const half = this.#calls.length >= LEAST_CALLS && failures * 2 >= this.#calls.length
    if (half || this.#probing) this.#openUntil = this.now() + COOL_DOWN_MS
    this.#probing = false
  }

  #record(failed: boolean): void {
    const at = this.now()
    this.#calls.push({ at, failed })
    const from = this.#calls.findIndex(call => call.at > at - WINDOW_MS)
    if (from > 0) this.#calls.splice(0, from)
  }
}
