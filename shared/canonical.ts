import { createHash } from 'node:crypto'

/** A value that cannot be kept in the log, or not so that it comes back the same. */
export class UnstorableValue extends Error {
  override name = 'UnstorableValue'
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path || 'the value'} cannot be stored: ${what}`)
  }
}

/** PostgreSQL has no NUL in text, and half a surrogate pair is not a character (UTF-8 cannot say it). */
const UNSTORABLE_TEXT = /[\0\p{Cs}]/u

/**
 * One text for one value, whatever order its keys were written in: JSON with sorted keys and no blanks. What the log hashes,
 * what idempotency and approvals compare (X14, F23).
 *
 * In: anything JSON knows; a key that is undefined is left out, `toJSON` (dates) is honoured. Throws `UnstorableValue`, naming the place, for
 * numbers that are not finite, bigints, functions, NUL and lone surrogates: all of them would come back as something else.
 */
export function canonicalJson(value: unknown, path = ''): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return text(value, path)
    case 'number':
      if (!Number.isFinite(value)) throw new UnstorableValue(path, `${value} is not a number in JSON`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
        return canonicalJson((value as { toJSON(): unknown }).toJSON(), path)
      return Array.isArray(value) ? list(value, path) : record(value as Record<string, unknown>, path)
    default:
      throw new UnstorableValue(path, `a ${typeof value} has no place in JSON`)
  }
}

/** sha-256 over the parts, one after the other. */
export function sha256(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function text(value: string, path: string): string {
  const json = JSON.stringify(value)
  // Both come out escaped, so that most texts are done after looking for one backslash.
  if (json.includes('\\') && UNSTORABLE_TEXT.test(value))
    throw new UnstorableValue(path, 'it holds a NUL or half of a surrogate pair')
  return json
}

function list(values: unknown[], path: string): string {
  return `[${values.map((value, index) => (value === undefined ? 'null' : canonicalJson(value, `${path}[${index}]`))).join(',')}]`
}

function record(value: Record<string, unknown>, path: string): string {
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    if (value[key] === undefined) continue
    const place = path ? `${path}.${key}` : key
    parts.push(`${text(key, place)}:${canonicalJson(value[key], place)}`)
  }
  return `{${parts.join(',')}}`
}
