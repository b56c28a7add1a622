import type { StoredEvent } from '#shared/event.js'

/** What a subgraph publishes: event type → the shape of its data. */
// biome-ignore lint/suspicious/noExplicitAny: the keys narrow it
export type Events = Record<string, any>

/** A draft of one of the published events: `{ type: 'RefundIssued', data: { … } }`. */
export type Draft<E> = {
  [K in keyof E & string]: { type: K; data: E[K]; personal?: object; refs?: readonly string[] }
}[keyof E & string]

export interface Aggregate<S, E> {
  /** Also the stream's type, e.g. `Order`. */
  type: string
  /** Start of its ids. */
  prefix: string
  initial: S
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
