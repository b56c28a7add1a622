import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CommandError } from '../output.js'
import { type Format, formatOf, type Kind, kindOf } from './kinds.js'
import { hint } from './names.js'

/** A file to import. */
export interface Task {
  path: string
  kind: Kind
  format: Format
}

export interface Plan {
  tasks: Task[]
  /** Files of the folder that are not imported, with the reason. */
  left: string[]
}

const names = (kinds: readonly Kind[]): string => kinds.map(({ name }) => name).join(', ')

function kindNamed(name: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find(one => one.name === name.toLowerCase())
  if (kind) return kind
  throw new CommandError(
    `There is no kind "${name}".${hint(
      name,
      kinds.map(one => one.name),
    )} Kinds: ${names(kinds)}`,
  )
}

const statOf = (path: string) =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === 'ENOENT' ? `There is no ${path}` : error.message)
  })

/**
 * What is to be imported, in an order in which each file only refers to earlier ones.
 * @param given the kind of a single file, when its name does not tell
 */
export async function planOf(path: string, kinds: readonly Kind[], given?: string): Promise<Plan> {
  if ((await statOf(path)).isFile()) {
    const format = formatOf(path)
    if (!format)
      throw new CommandError(
        `${path} has to end in .ndjson, .jsonl, .csv or .tsv, and may end in .gz after that`,
      )
    const kind = given ? kindNamed(given, kinds) : kindOf(path, kinds)
    if (!kind) throw new CommandError(`What does ${path} hold? Say it with --kind: ${names(kinds)}`)
    return { tasks: [{ path, kind, format }], left: [] }
  }
  if (given) throw new CommandError('--kind is for a single file; in a folder the names of the files tell')
  const files = (await readdir(path)).sort().flatMap(name => {
    const format = formatOf(name)
    return format ? { path: join(path, name), format, kind: kindOf(name, kinds) } : []
  })
  const tasks = files.flatMap(({ path, format, kind }) => (kind ? { path, format, kind } : []))
  tasks.sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind))
  const left = files
    .filter(({ kind }) => !kind)
    .map(
      file =>
        `${basename(file.path)}: its name holds no kind (${names(kinds)}); import it by itself with --kind`,
    )
  if (tasks.length === 0) throw new CommandError([`Nothing to import in ${path}.`, ...left].join('\n'))
  return { tasks, left }
}
