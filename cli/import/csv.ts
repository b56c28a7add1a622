import { type CsvError, type Info, parse } from 'csv-parse'
import { bad, type Draft, FileError } from './draft.js'
import { readHeader } from './header.js'
import { IdSet } from './id-set.js'
import type { Renames } from './names.js'
import type { Field } from './shape.js'
import { type Source, streamOf } from './source.js'
import { type Row, Table } from './table.js'

/** A row longer than this has a quote that nobody closed. */
const LONGEST_ROW = 1024 * 1024
const MOST_ROWS_OF_A_RECORD = 50_000
const DELIMITERS = [',', ';', '\t', '|']

/** Which of them the first line has most of, outside of quotes. */
export function delimiterOf(start: string): string {
  const line = (/^(?:[^"\r\n]|"[^"]*")*/.exec(start)?.[0] ?? '').replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map(delimiter => line.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

/** Looks at the first line without taking it away. */
async function peek(source: Source): Promise<{ start: string; source: Source }> {
  const iterator = source.bytes[Symbol.asyncIterator]()
  const { value, done } = await iterator.next()
  const first: Buffer = done ? Buffer.alloc(0) : value
  async function* bytes(): AsyncGenerator<Buffer> {
    yield first
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { start: first.toString('utf8').replace(/^\ufeff/, ''), source: { ...source, bytes: bytes() } }
}

const breaksIn = (cells: readonly string[], mark: string): number =>
  cells.reduce((sum, cell) => (cell.includes(mark) ? sum + cell.split(mark).length - 1 : sum), 0)

/** Rows with the lines they stand on. csv-parse counts a CRLF inside quotes as two lines: that is put right here. */
async function* rowsOf(source: Source, delimiter: string): AsyncGenerator<Row> {
  const input = streamOf(source)
  let readable = Number.POSITIVE_INFINITY
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    // Skipped and not thrown: an error would take the rows along that are still on their way.
    skip_records_with_error: true,
    on_skip(error) {
      readable = Math.min(readable, (error as CsvError & Info).records)
      input.unpipe(parser)
      parser.end()
    },
  })
  input.on('error', error => parser.destroy(error))
  input.pipe(parser)
  let tooMany = 0
  let last = 0
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (info.records > readable) break
      tooMany += breaksIn(cells, '\r\n')
      last = info.lines - tooMany
      yield { cells, line: last - breaksIn(cells, '\n'), lastLine: last }
    }
  } finally {
    input.destroy()
  }
  if (readable < Number.POSITIVE_INFINITY)
    throw new FileError(
      'a quote is opened in this row and never closed: nothing from here on was read',
      last + 1,
    )
}

const isDamaged = (row: Row): boolean => row.cells.some(cell => cell.includes('\ufffd'))
const isBlank = (row: Row): boolean => row.cells.every(cell => !cell.trim())

/** Rows that stand together and share their external id. */
async function* groupsOf(rows: AsyncIterable<Row>, table: Table, source: Source): AsyncGenerator<Row[]> {
  let group: Row[] = []
  let key: string | null = null
  try {
    for await (const row of rows) {
      if (isBlank(row)) continue
      if (source.isBroken() && isDamaged(row))
        row.problem = 'is not UTF-8: say what it is, e.g. --encoding windows-1252'
      const own = table.keyOf(row)
      const joins = table.hasLists && own !== null && own === key && group.length < MOST_ROWS_OF_A_RECORD
      if (!joins && group.length) yield group
      if (joins) group.push(row)
      else group = [row]
      key = own
    }
  } catch (error) {
    const last = group.at(-1)
    if (last && table.hasLists) last.problem = 'the record may go on where the file could not be read'
    if (last) yield group
    throw error
  }
  if (group.length) yield group
}

/**
 * Records of a table: a header of dotted names, then rows; those of one record stand together.
 * @param after lines up to this one were imported before
 */
export async function* readCsv(
  whole: Source,
  fields: readonly Field[],
  renames: Renames,
  after = 0,
): AsyncGenerator<Draft> {
  const { start, source } = await peek(whole)
  const rows = rowsOf(source, delimiterOf(start))
  const { value: header } = await rows.next()
  if (!header) throw new FileError('is empty: a first line with the names of the columns is wanted')
  const table = new Table(readHeader(header.cells, fields, renames), fields)
  const seen = new IdSet()
  for await (const group of groupsOf(rows, table, source)) {
    const [first] = group as [Row, ...Row[]]
    const key = table.keyOf(first)
    const isTorn = table.hasLists && key !== null && seen.has(key)
    if (table.hasLists && key !== null) seen.add(key)
    if (group.at(-1)!.lastLine <= after) continue
    if (key === null) yield bad(first.line, 'is missing', 'externalId')
    else if (isTorn)
      yield bad(first.line, 'has rows further up as well: sort the file by externalId', 'externalId')
    else yield table.draft(group)
  }
}
