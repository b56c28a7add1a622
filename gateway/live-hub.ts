import type { FormattedExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import { gatewayError, presentError } from '#gateway/errors.js'
import type { Authenticator, Credential } from '#gateway/identity.js'
import {
  LIVE_FIELDS,
  type LiveField,
  type LiveRequest,
  type Plan,
  PlanErrors,
  planSubscription,
} from '#gateway/live.js'
import { LiveStream } from '#gateway/live-stream.js'
import type { Surface } from '#gateway/request.js'
import type { Feed } from '#shared/feed.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import type { Logger } from '#shared/log.js'

/** Rights are looked at this often even when nothing happens: a revocation closes within 2 s (security 2.7). */
const WATCH_MS = 1_000

/** Runs an operation on the gateway's normal road, limits and error forms included. */
export type Run = (
  request: { query: string; variables: Record<string, unknown> },
  caller: { identity: Identity; requestId: string } & Surface,
) => Promise<FormattedExecutionResult>

export interface HubOptions {
  schema: GraphQLSchema
  feed: Pick<Feed, 'events' | 'head'>
  authenticator: Pick<Authenticator, 'identify' | 'people'>
  run: Run
  log: Logger
  fields?: Readonly<Record<string, LiveField>>
}

/** One connection that follows things: a socket, or an event stream. */
export class Subscriber {
  identity: Identity = ANONYMOUS
  /** The connection is gone. */
  left = false
  readonly streams = new Set<LiveStream>()

  constructor(
    /** What the token proved; who that is today is asked again and again. */
    readonly credential: Credential,
    readonly surface: Surface,
    readonly requestId: string,
    /** Ends the connection: no right to it any more. */
    readonly close: (reason: string) => void,
  ) {}
}

/** All subscribers of this process. */
export class LiveHub {
  readonly #subscribers = new Set<Subscriber>()
  readonly #timer: NodeJS.Timeout
  #watching = false

  constructor(readonly options: HubOptions) {
    this.#timer = setInterval(() => void this.#watch(), WATCH_MS)
    this.#timer.unref()
  }

  /**
   * Lets a connection in.
   * @throws {GraphQLError} UNAUTHENTICATED
   */
  async join(subscriber: Subscriber): Promise<void> {
    subscriber.identity = await this.options.authenticator.identify(subscriber.credential)
    if (!subscriber.left) this.#subscribers.add(subscriber)
  }

  leave(subscriber: Subscriber): void {
    subscriber.left = true
    this.#subscribers.delete(subscriber)
    for (const stream of subscriber.streams) void stream.return()
  }

  /** How many connections a person has open. */
  connectionsOf(personId: string): number {
    return [...this.#subscribers].filter(subscriber => subscriber.identity.personId === personId).length
  }

  /**
   * Starts to follow something. Rights are checked before the first event (F11), and the place to start from is taken before
   * that, so no event falls between.
   * @throws {PlanErrors} with what is to be told to the client
   */
  async subscribe(subscriber: Subscriber, request: LiveRequest): Promise<LiveStream> {
    const { schema, feed, fields = LIVE_FIELDS, log } = this.options
    const plan = planSubscription(schema, request, fields)
    const after = await this.#startOf(plan)
    await this.#requireVisible(subscriber, plan)
    const stream: LiveStream = new LiveStream({
      plan,
      events: feed.events(after, plan.follows(subscriber.identity)),
      ask: (query, variables) => this.#ask(subscriber, query, variables),
      onLost: reason => subscriber.close(reason),
      onEnd: () => subscriber.streams.delete(stream),
      log,
    })
    subscriber.streams.add(stream)
    return stream
  }

  /** Ends every stream, and stops looking. */
  close(): void {
    clearInterval(this.#timer)
    for (const subscriber of this.#subscribers) this.leave(subscriber)
  }

  async #startOf({ after }: Plan): Promise<number> {
    const head = await this.options.feed.head()
    if (after === null || after <= head) return after ?? head
    throw new PlanErrors([gatewayError('BAD_USER_INPUT', '"after" is a cursor of a log that this is not.')])
  }

  /** "Not there" and "not yours" are one answer (F9). */
  async #requireVisible(subscriber: Subscriber, plan: Plan): Promise<void> {
    const result = await this.#ask(subscriber, plan.visibleQuery, plan.visibleVariables)
    if (result.errors?.length) throw new LiveRefusal(result)
    if (result.data?.visible) return
    throw new PlanErrors([
      gatewayError('NOT_FOUND', 'There is nothing of that id to follow, or it is not yours to see.'),
    ])
  }

  /** Today's roles for each event: what is cached of a person is a second old at most. */
  async #ask(subscriber: Subscriber, query: string, variables: Record<string, unknown>) {
    subscriber.identity = await this.options.authenticator.identify(subscriber.credential)
    const { identity, requestId, surface } = subscriber
    return await this.options.run({ query, variables }, { identity, requestId, ...surface })
  }

  async #watch(): Promise<void> {
    if (this.#watching || this.#subscribers.size === 0) return
    this.#watching = true
    try {
      const all = [...this.#subscribers]
      const changed = await this.options.authenticator.people.changed(
        all.map(subscriber => subscriber.identity),
      )
      const now = Date.now() / 1000
      const due = all.filter((subscriber, n) => changed.has(n) || subscriber.credential.expiresAt <= now)
      await Promise.all(due.map(subscriber => this.#review(subscriber)))
    } catch (err) {
      this.options.log.warn({ err }, 'rights of subscribers could not be checked; trying again')
    } finally {
      this.#watching = false
    }
  }

  async #review(subscriber: Subscriber): Promise<void> {
    try {
      subscriber.identity = await this.options.authenticator.identify(subscriber.credential)
    } catch (error) {
      return subscriber.close((error as Error).message)
    }
    for (const stream of [...subscriber.streams]) {
      const isVisible = await stream.isVisible()
      // What somebody may see changed, and nobody can tell what it is now: rather nothing than too much.
      if (isVisible === null)
        stream.lose(
          'Whether you may still follow this cannot be checked right now. Subscribe again, with "after".',
        )
      else if (!isVisible) stream.lose('You may not follow this any more.')
    }
  }
}

/** The check of rights answered with errors, which are already in the form for clients. */
export class LiveRefusal extends Error {
  constructor(readonly result: FormattedExecutionResult) {
    super('refused')
  }
}

/** What a client is told whose subscription did not start. */
export function startErrors(
  error: unknown,
  log: Logger,
  schema: GraphQLSchema,
): readonly GraphQLFormattedError[] {
  if (error instanceof LiveRefusal) return error.result.errors ?? []
  const errors = error instanceof PlanErrors ? error.errors : [error]
  return errors.map(one => presentError(one, log, schema))
}
