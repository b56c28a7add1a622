import { FileError } from './draft.js'
import { hint, plainName, type Renames } from './names.js'
import { type Column, columnsOf, type Field } from './shape.js'

/** What each cell of a table is; null: left out. */
export interface Header {
  columns: readonly (Column | null)[]
  /** The cell whose currency holds for all sums of its row that have none of their own; -1: there is none. */
  currency: number
}

const named = (path: string, known: ReadonlyMap<string, Column>): Column | undefined =>
  known.get(plainName(path))

const quoted = (names: readonly string[]): string => names.map(name => `"${name}"`).join(', ')

function refuseUnknown(unknown: readonly string[], known: readonly string[]): void {
  if (unknown.length === 0) return
  const each = unknown.map(name => `"${name}"${hint(name, known).replace(/^ /, ': ')}`).join('; ')
  throw new FileError(
    `unknown column${unknown.length > 1 ? 's' : ''} ${each}. Known: ${known.join(', ')}, currency. ` +
      `Rename with --map theirs=ours, leave out with --ignore ${unknown.map(name => name.replaceAll(' ', '\\ ')).join(',')}`,
  )
}

function refuseTwice(cells: readonly string[], columns: readonly (Column | null)[]): void {
  const paths = columns.map(column => (column ? `${column.path} ${column.part}` : null))
  const twice = cells.filter((_, i) => paths[i] !== null && paths.indexOf(paths[i]!) !== i)
  if (twice.length) throw new FileError(`${quoted(twice)} stands twice in the header`)
}

/**
 * Reads the first row of a table: dotted names of the record's fields, `x.amount` with `x.currency` or a decimal `x` for sums,
 * `currency` for all sums of a row.
 * @throws {FileError} naming every unknown column, with what it may have been meant to be
 */
export function readHeader(cells: readonly string[], fields: readonly Field[], renames: Renames): Header {
  const all = columnsOf(fields)
  const known = new Map(all.map(column => [plainName(column.path), column]))
  const unknown: string[] = []
  let currency = -1
  const columns = cells.map((cell, at): Column | null => {
    const theirs = cell.trim()
    if (renames.ignore.has(theirs)) {
      renames.used.add(theirs)
      return null
    }
    const ours = renames.map.get(theirs)
    if (ours !== undefined) renames.used.add(theirs)
    if (plainName(ours ?? theirs) === 'currency') currency = at
    const column = named(ours ?? theirs, known)
    if (column) return column
    if (ours !== undefined && plainName(ours) !== 'currency')
      throw new FileError(
        `--map ${theirs}=${ours}: "${ours}" is not a column.${hint(
          ours,
          all.map(({ path }) => path),
        )}`,
      )
    if (currency !== at && !(renames.ignoreUnknown || theirs === '')) unknown.push(theirs)
    return null
  })
  refuseUnknown(
    unknown,
    all.map(({ path }) => path),
  )
  refuseTwice(cells, columns)
  if (!columns.some(column => column?.path === 'externalId'))
    throw new FileError(`there is no column "externalId". Columns: ${quoted(cells)}`)
  return { columns, currency }
}
