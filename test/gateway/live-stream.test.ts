import { jest } from '@jest/globals'
import type { FormattedExecutionResult } from 'graphql'
import type { Plan } from '#gateway/live.js'
import { LiveStream } from '#gateway/live-stream.js'
import { SILENT } from '#kit/services.js'
import type { StoredEvent } from '#shared/event.js'

const AWAY: FormattedExecutionResult = {
  data: null,
  errors: [{ message: 'Away', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
}
const SEEN: FormattedExecutionResult = { data: { visible: { __typename: 'Ticket' } } }
const HIDDEN: FormattedExecutionResult = { data: { visible: null } }
const NOTHING: FormattedExecutionResult = { data: { update: null } }
const update = (position: number): FormattedExecutionResult => ({ data: { update: { position } } })

const plan = {
  alias: 'update',
  query: 'update',
  variablesAt: (position: number) => ({ position }),
  visibleQuery: 'visible',
  visibleVariables: {},
} as unknown as Plan

/** A stream over two events, of which the first is not for its reader; `visible`: what the checks of rights answer, in turn. */
function following(...visible: FormattedExecutionResult[]) {
  const onLost = jest.fn()
  const events = (async function* () {
    yield { position: 1 } as StoredEvent
    yield { position: 2 } as StoredEvent
  })()
  const stream = new LiveStream({
    plan,
    events,
    ask: async (query, { position }) => {
      if (query === 'visible') return visible.shift() ?? SEEN
      return position === 1 ? NOTHING : update(position as number)
    },
    onLost,
    onEnd: () => {},
    log: SILENT,
  })
  return { stream, onLost }
}

describe('rights are checked when an event is not for the reader (F11)', () => {
  test('a part that is away for a moment ends nothing', async () => {
    const { stream, onLost } = following(AWAY, SEEN)
    expect(await stream.next()).toEqual({ done: false, value: update(2) })
    expect(onLost).not.toHaveBeenCalled()
  })

  test('one that stays away ends it with an error that says what to do, and nothing is said of rights', async () => {
    const { stream, onLost } = following(...Array(9).fill(AWAY))
    const { value } = await stream.next()
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] })
    expect(onLost).not.toHaveBeenCalled()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('who may not see it any more is let go', async () => {
    const { stream, onLost } = following(HIDDEN)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(onLost).toHaveBeenCalledWith('You may not follow this any more.')
  })
})
