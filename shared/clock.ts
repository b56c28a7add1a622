import { readFileSync } from 'node:fs'

/** A hundred years: further than anybody needs, and near enough for every date to be one. */
const FURTHEST = 100 * 365 * 86_400_000

/**
 * Milliseconds that a file adds to the clock; null when it does not hold that. Whoever moves the clock writes the file anew.
 */
export function readOffset(file: string): number | null {
  try {
    const text = readFileSync(file, 'utf8').trim()
    const offset = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return Math.abs(offset) <= FURTHEST ? offset : null
  } catch {
    return null
  }
}

/**
 * A clock that a file moves while the product runs, in all its processes alike. It is read each time, so that a call that follows a
 * move sees it; what is written by halves counts for nothing.
 */
export function clockOf(file: string): () => Date {
  let offset = 0
  return () => {
    offset = readOffset(file) ?? offset
    return new Date(Date.now() + offset)
  }
}
