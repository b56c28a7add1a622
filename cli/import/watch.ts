import { createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import cliProgress from 'cli-progress'
import { note, number } from '../output.js'
import type { Counts } from './importer.js'
import type { Task } from './plan.js'
import type { Watcher } from './run.js'

/** Rejections that are shown for each file; `--rejects` takes all. */
const SHOWN = 20

const rowsOf = ({ created, updated, unchanged, rejected }: Counts): number =>
  created + updated + unchanged + rejected

/** A bar on a terminal; silence elsewhere. */
class Bar {
  private readonly bar = process.stderr.isTTY
    ? new cliProgress.SingleBar(
        {
          format: '{file}  {bar} {percentage}%  {rows} records, {speed}/s  {eta_formatted} left',
          hideCursor: true,
          clearOnComplete: true,
          etaBuffer: 50,
        },
        cliProgress.Presets.shades_grey,
      )
    : null
  private begin = 0

  start(file: string, bytes: number): void {
    this.begin = performance.now()
    this.bar?.start(Math.max(bytes, 1), 0, { file, rows: '0', speed: '0' })
  }

  update(bytes: number, rows: number): void {
    const seconds = (performance.now() - this.begin) / 1000
    this.bar?.update(bytes, { rows: number(rows), speed: number(rows / Math.max(seconds, 0.001)) })
  }

  /** Lines may not be written over a bar. */
  aside(line: string): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    note(line)
  }

  stop(): void {
    this.bar?.stop()
  }
}

/**
 * Shows an import to people: a bar, the first rejections of each file with line, field and reason.
 * @param rejects a file that takes every rejection as a line of JSON
 */
export function watcherFor(rejects?: string): Watcher & { close(): Promise<void> } {
  const bar = new Bar()
  const all = rejects ? createWriteStream(rejects) : null
  let shown = 0
  let hidden = 0
  return {
    started(task, bytes) {
      shown = 0
      hidden = 0
      bar.start(basename(task.path), bytes)
    },
    advanced: (bytes, counts) => bar.update(bytes, rowsOf(counts)),
    rejected(task: Task, { line, externalId, field, message }) {
      all?.write(`${JSON.stringify({ file: task.path, line, externalId, field, message })}\n`)
      if (shown++ >= SHOWN) hidden++
      else
        bar.aside(
          `${task.path}:${line}: ${[externalId && `${externalId}: `, field && `${field} `, message].join('')}`,
        )
    },
    resumed(task, from) {
      const name = basename(task.path)
      if (from === 'done')
        note(`${name} was imported before and has not changed (--restart imports it again)`)
      else note(`${name} goes on after line ${number(from)} (--restart begins anew)`)
    },
    ended() {
      bar.stop()
      if (hidden)
        note(
          `… and ${number(hidden)} more${rejects ? ` in ${rejects}` : '; all of them with --rejects <file>'}`,
        )
    },
    close: () => new Promise(done => (all ? all.end(done) : done())),
  }
}
