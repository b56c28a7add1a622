import { createHash } from 'node:crypto'
import { v7 } from 'uuid'

/** An id for something that begins here: typed prefix and a UUIDv7, so that ids of one type sort by birth. */
export const newId = (prefix: string): string => `${prefix}_${v7().replaceAll('-', '')}`

/**
 * The id of something the marketplace recorded: always the same for (source, external id), so that records may come in any
 * order and any number of times. External ids have any form: hex, UUID, numbers.
 */
export const externalId = (prefix: string, source: string, external: string): string =>
  `${prefix}_${createHash('sha256').update(`${prefix}\0${source}\0${external}`).digest('hex').slice(0, 24)}`

export const prefixOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('_')))
