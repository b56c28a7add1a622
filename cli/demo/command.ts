import cliProgress from 'cli-progress'
import { CommandError, number, say, table } from '../output.js'
import { writeDemo } from './write.js'

export interface DemoCommand {
  orders: string
  seed: string
  out: string
  until?: string
}

const wholeNumber = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new CommandError(`--${name} has to be a whole number from ${least}; got "${text}"`)
  return value
}

const dayOf = (text: string): number => {
  const day = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(day)) throw new CommandError(`--until has to be a day like 2026-05-01; got "${text}"`)
  return day
}

/** `opsgraph demo`: a marketplace of any size as files. */
export async function runDemo({ orders, seed, out, until }: DemoCommand): Promise<void> {
  const total = wholeNumber('orders', orders, 1)
  const bar = process.stderr.isTTY
    ? new cliProgress.SingleBar(
        { format: '{bar} {value}/{total} orders', clearOnComplete: true, hideCursor: true },
        cliProgress.Presets.shades_grey,
      )
    : null
  bar?.start(total, 0)
  const lines = await writeDemo({
    orders: total,
    seed: wholeNumber('seed', seed, 0),
    folder: out,
    until: until ? dayOf(until) : undefined,
    onProgress: done => bar?.update(done),
  })
  bar?.stop()
  say(table(Object.entries(lines).map(([kind, count]) => [`${out}/${kind}.ndjson`, number(count)])))
  say(`\nImport it with: npx opsgraph import ${out}`)
}
