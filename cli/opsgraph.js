#!/usr/bin/env node
// Builds dist/ when it is missing or older than the sources, then runs it: works right after `npm ci`.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = join(root, 'dist', 'cli', 'index.js')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

const newest = folder =>
  readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return Math.max(latest, newest(path))
    return entry.name.endsWith('.ts') ? Math.max(latest, statSync(path).mtimeMs) : latest
  }, 0)

/** tsc writes only what changed: when it last ran is what its build records say. */
const builtAt = () => {
  const records = readdirSync(join(root, 'dist')).filter(name => name.endsWith('.tsbuildinfo'))
  return Math.max(...records.map(name => statSync(join(root, 'dist', name)).mtimeMs))
}

const isStale = () =>
  !existsSync(built) ||
  ['shared', 'subgraphs', 'gateway', 'cli'].some(folder => newest(join(root, folder)) > builtAt())

if (existsSync(compiler) && isStale()) {
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-b', join(root, 'cli')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) {
    process.stderr.write(`${stdout}\nOpsgraph could not be built.\n`)
    process.exit(1)
  }
}
if (!existsSync(built)) {
  process.stderr.write('Opsgraph is not built. Run: npm ci && npm run build\n')
  process.exit(1)
}
process.setSourceMapsEnabled(true)
await import(built)
