/** Stands where something personal was erased. */
export const REMOVED = '[removed]'
