import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Beginning } from '#shared/begin.js'
import type { RunbookShape } from '#shared/events/desk.js'
import { ROOT } from '#shared/root.js'
import { runbook, runbookOf } from './runbook.js'

const FOLDER = join(ROOT, 'subgraphs', 'support', 'runbooks')

/** A5, A6: guides to begin with are files, one each; leads write them anew as they like. */
export const runbooksToBegin = (): Beginning[] =>
  readdirSync(FOLDER)
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => {
      const data = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RunbookShape
      return {
        stream: { type: runbook.type, id: runbookOf(data.slug) },
        event: { type: 'RunbookSaved', data },
      }
    })
