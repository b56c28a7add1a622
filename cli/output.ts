/** A mistake of the caller's, or something they have to know: its message is all there is to say. */
export class CommandError extends Error {
  override name = 'CommandError'
  /** What the command exits with. */
  exitCode = 1
}

/** For people and pipes. */
export const say = (line = ''): void => void process.stdout.write(`${line}\n`)

/** Beside the point: progress and warnings, so that stdout can be piped. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`)

export const number = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Columns under each other; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map(row => row[at]!.length)))
  const cell = (text: string, at: number) =>
    at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!)
  return rows.map(row => row.map(cell).join('  ').trimEnd()).join('\n')
}
