import { setTimeout as sleep } from 'node:timers/promises'
import type { FormattedExecutionResult } from 'graphql'
import { gatewayError, presentError } from '#gateway/errors.js'
import { type Plan, verdictOn } from '#gateway/live.js'
import type { StoredEvent } from '#shared/event.js'
import type { Logger } from '#shared/log.js'

/** How long an event waits for a part of Opsgraph that is away, before the stream ends with an error. */
const RETRY_AFTER_MS = [250, 1_000, 2_000, 4_000]

/** Runs a query as the subscriber, with the roles of now. Rejects when there is no such subscriber any more. */
export type Ask = (query: string, variables: Record<string, unknown>) => Promise<FormattedExecutionResult>

export interface StreamOptions {
  plan: Plan
  events: AsyncIterable<StoredEvent>
  ask: Ask
  /** The subscriber may not follow this any more. */
  onLost: (reason: string) => void
  onEnd: () => void
  log: Logger
}

const DONE = { done: true, value: undefined } as const

type Step = IteratorResult<FormattedExecutionResult, undefined>

/**
 * The updates of one subscription, pulled by whoever sends them: the next event is looked at only when the last update has
 * gone out, so a slow reader costs no memory (F14). Not a generator function: `return()` on one of those waits for the event
 * that it is waiting for, which may never come.
 */
export class LiveStream implements AsyncIterableIterator<FormattedExecutionResult, undefined> {
  readonly #events: AsyncIterator<StoredEvent>
  #ended = false
  #settle: (() => void) | null = null

  constructor(readonly options: StreamOptions) {
    this.#events = options.events[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator]() {
    return this
  }

  next(): Promise<Step> {
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => {
      this.#settle = () => resolve(DONE)
      this.#step().then(resolve, reject)
    })
  }

  /** Ends at once, even while an event is awaited. */
  async return(): Promise<Step> {
    if (this.#ended) return DONE
    this.#ended = true
    this.#settle?.()
    this.options.onEnd()
    // Not awaited: an iterator that is itself waiting may answer only when the next event comes.
    this.#events.return?.().catch(() => {})
    return DONE
  }

  throw(): Promise<Step> {
    return this.return()
  }

  /** Whether the subscriber may still see what is followed; null while nobody can tell. */
  async isVisible(): Promise<boolean | null> {
    const { plan, ask } = this.options
    const result = await ask(plan.visibleQuery, plan.visibleVariables)
    const verdict = verdictOn(result, 'visible')
    return verdict === 'later' ? null : verdict === 'deliver' && !result.errors
  }

  lose(reason: string): void {
    if (this.#ended) return
    void this.return()
    this.options.onLost(reason)
  }

  async #step(): Promise<Step> {
    try {
      while (!this.#ended) {
        const { done, value: event } = await this.#events.next()
        if (done) return await this.return()
        const update = await this.#answer(event)
        if (update) return this.#ended ? DONE : { done: false, value: update }
      }
      return DONE
    } catch (error) {
      return this.#fail(error)
    }
  }

  async #answer(event: StoredEvent): Promise<FormattedExecutionResult | null> {
    const { plan, ask } = this.options
    const { verdict, result } = await this.#patiently(async () => {
      const answer = await ask(plan.query, plan.variablesAt(event.position as number))
      const meaning = verdictOn(answer, plan.alias)
      return meaning === 'later' ? null : { verdict: meaning, result: answer }
    })
    if (verdict === 'deliver') return result
    await this.#checkRights()
    return null
  }

  /** An event without an answer is not for this reader, or nothing is any more. */
  async #checkRights(): Promise<void> {
    if (this.#ended) return
    const isVisible = await this.#patiently(() => this.isVisible())
    if (!isVisible) this.lose('You may not follow this any more.')
  }

  /** Asks again, for some seconds, while the answer is null: a part of Opsgraph is away. Then the stream ends with an error. */
  async #patiently<T>(ask: () => Promise<T | null>): Promise<T> {
    for (const pause of [...RETRY_AFTER_MS, null]) {
      const answer = await ask()
      if (answer !== null) return answer
      if (pause === null || this.#ended) break
      await sleep(pause)
    }
    throw gatewayError(
      'SUBGRAPH_UNAVAILABLE',
      'Updates cannot be read right now. Subscribe again, with "after".',
    )
  }

  /** The last update says what happened; then the stream ends. */
  #fail(error: unknown): Step {
    if (this.#ended) return DONE
    const failed = presentError(error, this.options.log)
    // Ending must not answer whoever waits for this update.
    this.#settle = null
    void this.return()
    if (failed.extensions?.code === 'UNAUTHENTICATED') {
      this.options.onLost(failed.message)
      return DONE
    }
    return { done: false, value: { errors: [failed] } }
  }
}
