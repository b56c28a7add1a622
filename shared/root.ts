import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Climbs from this file, which runs from `dist/`, to the folder of the nearest package.json. */
const findRoot = (folder: string): string => {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('Opsgraph cannot find its own package.json')
  return findRoot(parent)
}

/** Absolute path of Opsgraph's folder: what is not TypeScript (SQL, examples, node_modules) is read from below it. */
export const ROOT: string = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Opsgraph's version, e.g. `0.1.0`. */
export const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version
