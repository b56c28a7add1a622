/** Most entities that one ticket is about. */
export const MAX_LINKS = 50

/** Types of entities that say that something was reported: a ticket about one is not left to wait (C13). */
const REPORTS: readonly string[] = ['TrustCase']

export const isReport = (types: readonly string[]): boolean => types.some(type => REPORTS.includes(type))
