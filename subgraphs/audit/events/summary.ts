import { readCatalog } from '#shared/catalog.js'
import type { Actor, StoredEvent } from '#shared/event.js'

/** `RefundIssued` → `Refund issued`. */
const words = (type: string): string => {
  const [first = '', ...rest] = type.split(/(?<=[a-z0-9])(?=[A-Z])/)
  return [first, ...rest.map(word => word.toLowerCase())].join(' ')
}

const BY: Partial<Record<Actor['kind'], string>> = {
  SYSTEM: 'Opsgraph itself',
  INTEGRATION: 'a machine',
  REQUESTER: 'a customer',
  ANONYMOUS: 'somebody unknown',
}

/** `SUPPORT_AGENT` → `a support agent`. */
function by({ kind, roles }: Actor): string {
  const role = (roles[0] ?? 'staff member').toLowerCase().replaceAll('_', ' ')
  return BY[kind] ?? `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`
}

/** What a reason code means, in the words of the action that leaves such events. */
function meaning({ type, reasonCode }: StoredEvent): string | null {
  if (reasonCode === 'ROUTINE') return null
  const action = readCatalog().actions.find(
    ({ emits, reasons }) => emits.includes(type) && reasonCode in reasons,
  )
  return action?.reasons[reasonCode] ?? reasonCode.toLowerCase().replaceAll('_', ' ')
}

/** What happened, by whom and why, in a sentence for people. Names nobody and quotes nothing, so whoever sees the event may read it. */
export function summarise(event: StoredEvent): string {
  const why = meaning(event)
  return `${words(event.type)} by ${by(event.actor)}${why ? `: ${why}` : '.'}`
}
