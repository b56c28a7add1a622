import { prefixOf } from '#shared/id.js'
import { refuse } from '#shared/refusal.js'

/** What the prefix of an id says it names. */
const KINDS: Readonly<Record<string, string>> = {
  org: 'an organization',
  usr: 'a user',
  ord: 'an order',
  clm: 'a claim',
  lst: 'a listing',
  pyo: 'a payout',
}

/**
 * Makes sure that a measure hits something: that the id is of the kind it should be, and was seen before (`unknown` are ids that were not).
 * @throws Refusal UNKNOWN_REFERENCE
 */
export function requireKnown(id: string, field: string, unknown: readonly string[], prefix?: string): void {
  if (prefix && prefixOf(id) !== prefix)
    refuse('UNKNOWN_REFERENCE', `${id} does not name ${KINDS[prefix]}.`, field)
  if (unknown.includes(id)) refuse('UNKNOWN_REFERENCE', `${id} is nothing that was ever recorded.`, field)
}

/** The same rest behind another prefix: one measure for one entity, found without a search and alone in its stream. */
export const derivedId = (prefix: string, id: string): string => `${prefix}_${id.slice(id.indexOf('_') + 1)}`

/** @throws Refusal INVALID when a time by which something ends has passed already */
export function requireFuture(until: Date | null | undefined, now: Date): void {
  if (until && until <= now)
    refuse('INVALID', 'This time has passed already.', 'until', { now: now.toISOString() })
}
