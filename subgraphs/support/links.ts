/** Most entities that one ticket is about. */
export const MAX_LINKS = 50
