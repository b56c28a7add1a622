import type { EntityManager } from 'typeorm'
import type { ActionInput } from '#shared/action-input.js'
import type { StoredEvent } from '#shared/event.js'
import { systemIdentity } from '#shared/identity.js'
import type { Outcome, Performer } from '#shared/outcome.js'
import { performWithin } from '#shared/perform.js'
import { Role } from '#shared/roles.js'
import { HERE, type Services } from '#shared/services.js'

/** How a reaction acts: an action of its own subgraph, as Opsgraph itself, in the reaction's transaction, caused by its event. */
export type Act = (
  name: string,
  input: Record<string, unknown>,
  because: { tx: EntityManager; event: StoredEvent },
) => Promise<Outcome>

/** What reactions act with. @throws Error for an action that this process does not host; Refusal when it is refused */
export function actAsSystem(
  services: Services,
  subgraphs: readonly { performers: readonly Performer[] }[],
): Act {
  const performers = new Map(subgraphs.flatMap(one => one.performers).map(one => [one.action.name, one]))
  const identity = systemIdentity(Role.SYSTEM)
  return async (name, input, { tx, event }) => {
    const performer = performers.get(name)
    if (!performer) throw new Error(`No subgraph of this process has the action ${name}`)
    const { requestId, correlationId, id: causationId } = event
    return performWithin(tx, performer, input as ActionInput, {
      services,
      identity,
      requestId,
      correlationId,
      causationId,
      ...HERE,
    })
  }
}
