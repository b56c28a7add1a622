import type { Problem } from '#shared/fields.js'
import { MinorUnits } from '#shared/money.js'
import type { Draft } from './draft.js'
import type { Header } from './header.js'
import type { Field, LeafType } from './shape.js'
import { readCurrency, readDecimal, readText, Unreadable } from './values.js'

/** Cells of a sum; -1: no such column. */
interface MoneyCells {
  decimal: number
  amount: number
  currency: number
}

/** A field with the cells that give it. */
type Slot = { path: string[]; field: Field } & (
  | { kind: 'leaf' | 'leaves'; type: LeafType; cell: number }
  | ({ kind: 'money' } & MoneyCells)
)

/** A list of objects with the cells of one of them; the record itself is the outermost. */
interface Level {
  /** From the object above, e.g. `['payment', 'allocations']`. */
  path: string[]
  slots: Slot[]
  /** Place of its own id among `slots`; -1: each row that says something is another one. */
  key: number
  inner: Level[]
}

/** A row of a table, and where it stood. */
export interface Row {
  cells: readonly string[]
  line: number
  lastLine: number
  /** Why nothing can be made of it. */
  problem?: string
}

const cellOf = (header: Header, path: string, part: string): number =>
  header.columns.findIndex(column => column?.path === path && column.part === part)

function plan(header: Header, fields: readonly Field[], path: string[] = []): Level {
  const level: Level = { path, slots: [], key: -1, inner: [] }
  const visit = (field: Field, at: string[]): void => {
    const here = [...at, field.name]
    if (field.kind === 'object') for (const inner of field.fields) visit(inner, here)
    else if (field.kind === 'list') level.inner.push(plan(header, field.fields, here))
    else if (field.kind === 'money') {
      const cells = {
        decimal: cellOf(header, field.path, 'decimal'),
        amount: cellOf(header, `${field.path}.amount`, 'amount'),
        currency: cellOf(header, `${field.path}.currency`, 'currency'),
      }
      if (cells.decimal >= 0 || cells.amount >= 0)
        level.slots.push({ kind: 'money', path: here, field, ...cells })
    } else {
      const cell = cellOf(header, field.path, 'value')
      if (cell >= 0) level.slots.push({ kind: field.kind, type: field.type, path: here, field, cell })
    }
  }
  for (const field of fields) visit(field, [])
  level.key = level.slots.findIndex(slot => slot.path.length === 1 && slot.path[0] === 'externalId')
  return level
}

const isUsed = (level: Level): boolean => level.slots.length > 0 || level.inner.some(isUsed)

/** The part of a plan that has cells. */
const pruned = (level: Level): Level => ({ ...level, inner: level.inner.filter(isUsed).map(pruned) })

interface Said {
  value: unknown
  line: number
}

/** One object as its rows say it, before it is put together. */
class Item {
  readonly said = new Map<Slot, Said>()
  readonly inner = new Map<Level, { items: Item[]; byKey: Map<unknown, Item> }>()

  constructor(readonly line: number) {}

  listOf(level: Level) {
    const known = this.inner.get(level)
    if (known) return known
    const list = { items: [] as Item[], byKey: new Map<unknown, Item>() }
    this.inner.set(level, list)
    return list
  }
}

const put = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  let at = target
  for (const name of path.slice(0, -1)) {
    at[name] ??= Object.create(null)
    at = at[name] as Record<string, unknown>
  }
  at[path.at(-1)!] = value
}

/**
 * Turns rows of a table into records: rows with the same external id are one record; within it, those with the same id in a list are
 * one item of it, and without such an id each row that says something is an item. What rows say of the same thing has to agree.
 */
export class Table {
  private readonly root: Level
  private readonly id: number
  private readonly source: number
  private readonly width: number
  private readonly currency: number
  readonly hasLists: boolean

  constructor(header: Header, fields: readonly Field[]) {
    this.root = pruned(plan(header, fields))
    this.id = cellOf(header, 'externalId', 'value')
    this.source = cellOf(header, 'source', 'value')
    this.width = header.columns.length
    this.currency = header.currency
    this.hasLists = this.root.inner.length > 0
  }

  /** What a row has to share with its neighbour to be of the same record; null: nothing to go by. */
  keyOf({ cells }: Row): string | null {
    const id = cells[this.id]?.trim()
    return id ? `${this.source < 0 ? '' : cells[this.source]}\0${id}` : null
  }

  /** The rows of one record, put together. */
  draft(rows: readonly Row[]): Draft {
    const first = rows[0]!
    const problems: (Problem & { line: number })[] = []
    const record = new Item(first.line)
    for (const row of rows) this.takeRow(row, record, problems)
    const lines = new Map<string, number>()
    const value = this.build(record, this.root, '', lines)
    // Told even when its rows could not be read, so that people find the record.
    value.externalId ??= first.cells[this.id]
    const lineByProblem = new Map(problems.map(({ field, line }) => [field, line]))
    return {
      line: first.line,
      lastLine: rows.at(-1)!.lastLine,
      value,
      problems,
      lineOf: field => lineByProblem.get(field) ?? nearest(lines, field) ?? first.line,
    }
  }

  private takeRow(row: Row, record: Item, problems: (Problem & { line: number })[]): void {
    const { cells, line } = row
    if (row.problem) {
      problems.push({ field: '', message: row.problem, line })
      return
    }
    const extra = cells.slice(this.width).some(cell => cell.trim())
    if (cells.length < this.width || extra) {
      const message = `the row has ${cells.length} cells, the header ${this.width}`
      problems.push({ field: '', message, line })
      return
    }
    this.take(row, this.root, record, '', problems)
  }

  private take(
    row: Row,
    level: Level,
    item: Item,
    at: string,
    problems: (Problem & { line: number })[],
  ): void {
    for (const slot of level.slots) {
      const field = at + slot.path.join('.')
      try {
        const value = this.read(slot, row.cells)
        if (value === undefined) continue
        const known = item.said.get(slot)
        if (!known) item.said.set(slot, { value, line: row.line })
        else if (JSON.stringify(known.value) !== JSON.stringify(value))
          problems.push({
            field,
            line: row.line,
            message: `is ${shown(value)} here, but ${shown(known.value)} in line ${known.line}`,
          })
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        problems.push({ field, line: row.line, message: error.message })
      }
    }
    for (const inner of level.inner) this.takeInner(row, inner, item, at, problems)
  }

  private takeInner(
    row: Row,
    level: Level,
    owner: Item,
    at: string,
    problems: (Problem & { line: number })[],
  ): void {
    const says = this.says(level, row.cells)
    if (!says && !level.inner.some(inner => this.saysAnything(inner, row.cells))) return
    const list = owner.listOf(level)
    const slot = level.slots[level.key]
    const key = slot?.kind === 'leaf' ? row.cells[slot.cell]!.trim() : ''
    let item = key ? list.byKey.get(key) : says ? undefined : list.items.at(-1)
    if (!item) {
      item = new Item(row.line)
      list.items.push(item)
      if (key) list.byKey.set(key, item)
    }
    this.take(row, level, item, `${at}${level.path.join('.')}.${list.items.indexOf(item)}.`, problems)
  }

  /** Whether a row says something of an item of this list itself, not only of lists within. */
  private says(level: Level, cells: readonly string[]): boolean {
    const has = (cell: number) => cell >= 0 && cells[cell]!.trim() !== ''
    return level.slots.some(slot =>
      slot.kind === 'money' ? has(slot.decimal) || has(slot.amount) : has(slot.cell),
    )
  }

  private saysAnything = (level: Level, cells: readonly string[]): boolean =>
    this.says(level, cells) || level.inner.some(inner => this.saysAnything(inner, cells))

  /** A cell's value; undefined when it is empty. */
  private read(slot: Slot, cells: readonly string[]): unknown {
    if (slot.kind === 'money') return this.money(slot, cells)
    const text = cells[slot.cell]!
    if (!text.trim()) return undefined
    if (slot.kind === 'leaf') return readText(text, slot.type)
    return text.split('|').map(one => readText(one.trim(), slot.type))
  }

  private money({ decimal, amount, currency }: MoneyCells, cells: readonly string[]): unknown {
    const text = (cell: number) => (cell < 0 ? '' : cells[cell]!.trim())
    if (!text(decimal) && !text(amount)) return undefined
    if (text(decimal) && text(amount)) throw new Unreadable('is given twice: as a decimal and in minor units')
    const code = text(currency) || text(this.currency)
    if (!code) throw new Unreadable('has no currency: fill a column "currency", or one of its own')
    const known = readCurrency(code)
    return text(decimal)
      ? readDecimal(text(decimal), known)
      : { amount: readText(text(amount), MinorUnits), currency: known }
  }

  private build(item: Item, level: Level, at: string, lines: Map<string, number>): Record<string, unknown> {
    const value: Record<string, unknown> = Object.create(null)
    for (const [slot, said] of item.said) {
      put(value, slot.path, said.value)
      lines.set(at + slot.path.join('.'), said.line)
    }
    for (const inner of level.inner) {
      const items = item.inner.get(inner)?.items
      if (!items) continue
      const path = at + inner.path.join('.')
      put(
        value,
        inner.path,
        items.map((one, i) => {
          lines.set(`${path}.${i}`, one.line)
          return this.build(one, inner, `${path}.${i}.`, lines)
        }),
      )
    }
    return value
  }
}

const shown = (value: unknown): string => {
  const { amount, currency } = value as { amount?: number; currency?: string }
  return amount === undefined ? JSON.stringify(value) : `${amount} ${currency}`
}

/** The line of a field, or of what it is part of. */
function nearest(lines: ReadonlyMap<string, number>, field: string): number | undefined {
  for (let path = field; path; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) {
    const line = lines.get(path)
    if (line !== undefined) return line
  }
  return undefined
}
