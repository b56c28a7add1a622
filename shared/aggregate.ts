import type { StoredEvent } from '#shared/event.js'
import type { Identity } from '#shared/identity.js'

/** What a subgraph publishes: event type → the shape of its data. */
// biome-ignore lint/suspicious/noExplicitAny: the keys narrow it
export type Events = Record<string, any>

/** A draft of one of the published events: `{ type: 'RefundIssued', data: { … } }`. */
export type Draft<E> = {
  [K in keyof E & string]: { type: K; data: E[K]; personal?: object; refs?: readonly string[] }
}[keyof E & string]

/** As much of an event as tells whether customers may know of it. */
export type Noticed = Pick<StoredEvent, 'type' | 'data' | 'actor'>

export interface Aggregate<S, E> {
  /** Also the stream's type, e.g. `Order`. */
  type: string
  /** Start of its ids. */
  prefix: string
  initial: S
  /**
   * Whether customers may know that this happened, where some of it stays with staff: their versions count these events alone, or else a
   * number would tell them of the others (C15). Row classes that customers read keep the count in a hidden `customerVersion`.
   */
  forCustomers?: (event: Noticed) => boolean
  evolve: {
    [K in keyof E]?: (state: S, data: E[K], event: Pick<StoredEvent, 'occurredAt' | 'actor' | 'stream'>) => S
  }
}

/** State and how events change it: pure, without any library. */
export const aggregate = <S, E>(definition: Aggregate<S, E>): Aggregate<S, E> => definition

type Replayable = Pick<StoredEvent, 'type' | 'data' | 'occurredAt' | 'actor' | 'stream'>

/** Today's state, from everything that happened. Event types it does not know leave the state as it is. */
export function replay<S, E>({ initial, evolve }: Aggregate<S, E>, events: readonly Replayable[]): S {
  return events.reduce<S>((state, event) => {
    const step = evolve[event.type as keyof E]
    return step ? step(state, event.data as never, event) : state
  }, initial)
}

/** Customers, and people who did not sign in: what staff keep to themselves is not for them. */
export const isOutside = ({ kind }: Pick<Identity, 'kind'>): boolean =>
  kind === 'REQUESTER' || kind === 'ANONYMOUS'

/** The events of one history that a caller may know of, each with the version that it has for them. */
export function noticed<T extends Noticed & { version: number }>(
  // biome-ignore lint/suspicious/noExplicitAny: states and events differ
  { forCustomers }: Aggregate<any, any>,
  history: readonly T[],
  identity: Pick<Identity, 'kind'>,
): T[] {
  if (!forCustomers || !isOutside(identity)) return [...history]
  return history.filter(event => forCustomers(event)).map((event, at) => ({ ...event, version: at + 1 }))
}
