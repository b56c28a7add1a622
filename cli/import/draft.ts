import type { Problem } from '#shared/fields.js'

/** What a file says of one record, before the schema judged it. */
export interface Draft {
  /** Where it begins, from 1. */
  line: number
  /** Where it ends: a resumed import goes on behind it. */
  lastLine: number
  /** Null when nothing could be made of it. */
  value: Record<string, unknown> | null
  problems: Problem[]
  /** The line that gave a field, for records of several lines. */
  lineOf(field: string): number
}

/** A file that cannot be read as what it says it is: nothing (more) of it is imported. */
export class FileError extends Error {
  override name = 'FileError'
  constructor(
    message: string,
    readonly line = 0,
  ) {
    super(message)
  }
}

/** Places for an unreadable line. */
export const bad = (line: number, message: string, field = ''): Draft => ({
  line,
  lastLine: line,
  value: null,
  problems: [{ field, message }],
  lineOf: () => line,
})
