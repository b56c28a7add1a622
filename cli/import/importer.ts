import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '#shared/context.js'
import { isStorageError } from '#shared/database.js'
import { streamKey } from '#shared/event-store.js'
import { externalId, newId } from '#shared/id.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import { BATCH, type RecordInput, record } from '#shared/record.js'
import { Role } from '#shared/roles.js'
import { HERE, type Services } from '#shared/services.js'
import { coerce } from './coerce.js'
import type { Draft } from './draft.js'
import { IdSet } from './id-set.js'
import type { Kind } from './kinds.js'

/** Whom the log names for what the command line imports. */
export const IMPORTER: Identity = {
  ...ANONYMOUS,
  kind: 'INTEGRATION',
  personId: 'svc_import',
  name: 'opsgraph import',
  roles: [Role.INTEGRATION],
  scopes: ['records:write'],
}

/** A row that was not taken, and why. */
export interface Rejection {
  line: number
  externalId: string
  field: string
  message: string
}

export interface Counts {
  created: number
  updated: number
  unchanged: number
  rejected: number
}

export const noCounts = (): Counts => ({ created: 0, updated: 0, unchanged: 0, rejected: 0 })

export const addCounts = (to: Counts, more: Counts): void => {
  to.created += more.created
  to.updated += more.updated
  to.unchanged += more.unchanged
  to.rejected += more.rejected
}

/** The database stayed away for too long. What was committed stays; the import goes on from there when it is run again. */
export class ImportStopped extends Error {
  override name = 'ImportStopped'
}

interface Ready {
  draft: Draft
  record: RecordInput
}

export interface Taken {
  counts: Counts
  rejections: Rejection[]
  /** Everything up to here is in. */
  lastLine: number
}

export interface ImporterOptions {
  services: Services
  /** The `source` of records that do not name one. */
  source: string
  dryRun?: boolean
  /** How long the database may stay away, ms. */
  patience?: number
}

const PATIENCE = 120_000

/** Too much for one statement: half of it may be not. */
const isTooMuch = (error: unknown): boolean => {
  const { code, message = '' } = error as { code?: string; message?: string }
  return code === '57014' || /Query read timeout/.test(message)
}

/** No record is to blame: a table, a column or a right is missing. */
const isOurFault = (error: unknown): boolean => /^(42|28|3D|3F)/.test((error as { code?: string }).code ?? '')

/** Takes drafts in, batch by batch, the way the `record…` mutations do. */
export class Importer {
  private readonly caller: Caller
  /** Streams that a dry run would have made: what comes later may refer to them. */
  private readonly promised = new IdSet()

  constructor(private readonly options: ImporterOptions) {
    const { services } = options
    this.caller = { services, identity: IMPORTER, requestId: newId('imp'), ...HERE }
  }

  /** @throws {ImportStopped} when the database stays away */
  async take(kind: Kind, drafts: readonly Draft[]): Promise<Taken> {
    const taken: Taken = { counts: noCounts(), rejections: [], lastLine: drafts.at(-1)?.lastLine ?? 0 }
    const ready = drafts.flatMap(draft => this.judge(kind, draft, taken) ?? [])
    await this.record(kind, ready, taken)
    return taken
  }

  private judge({ type }: Kind, draft: Draft, taken: Taken): Ready | null {
    const value = draft.value && { source: this.options.source, ...draft.value }
    const read = value && draft.problems.length === 0 ? coerce(value, type) : { problems: draft.problems }
    if ('record' in read) return { draft, record: read.record }
    this.reject(draft, read.problems, taken)
    return null
  }

  private reject(draft: Draft, problems: readonly { field: string; message: string }[], taken: Taken): void {
    const externalId = String(draft.value?.externalId ?? '')
    taken.counts.rejected++
    taken.rejections.push(
      ...problems.map(({ field, message }) => ({ line: draft.lineOf(field), externalId, field, message })),
    )
  }

  private async record(kind: Kind, ready: readonly Ready[], taken: Taken): Promise<void> {
    for (let from = 0; from < ready.length; from += BATCH)
      await this.batch(kind, ready.slice(from, from + BATCH), taken)
  }

  /** Halves what the database does not take at once, down to the one record that it does not take at all. */
  private async batch(kind: Kind, ready: readonly Ready[], taken: Taken): Promise<void> {
    try {
      const payload = await this.patiently(kind, ready)
      addCounts(taken.counts, { ...payload, rejected: 0 })
      const refused = [...new Set(payload.problems.map(({ index }) => index))]
      for (const at of refused)
        this.reject(
          ready[at]!.draft,
          payload.problems.filter(({ index }) => index === at),
          taken,
        )
      if (this.options.dryRun)
        this.promise(
          kind,
          ready.filter((_, index) => !refused.includes(index)),
        )
    } catch (error) {
      if (error instanceof ImportStopped || isOurFault(error)) throw error
      if (ready.length > 1) {
        const half = Math.ceil(ready.length / 2)
        await this.batch(kind, ready.slice(0, half), taken)
        await this.batch(kind, ready.slice(half), taken)
        return
      }
      this.reject(
        ready[0]!.draft,
        [{ field: '', message: `could not be stored: ${(error as Error).message}` }],
        taken,
      )
    }
  }

  private async patiently(kind: Kind, ready: readonly Ready[]) {
    const records = ready.map(one => one.record)
    const until = Date.now() + (this.options.patience ?? PATIENCE)
    for (let pause = 200; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        return await record(
          { recording: this.recordingOf(kind), views: kind.views },
          records,
          this.caller,
          this.options.dryRun,
        )
      } catch (error) {
        if (!isStorageError(error) || (isTooMuch(error) && ready.length > 1)) throw error
        if (Date.now() + pause > until)
          throw new ImportStopped(
            `The database does not answer (${(error as Error).message}). Run the same command again: it goes on where it stopped`,
          )
        await sleep(pause)
      }
    }
  }

  /** In a dry run nothing is written, so references to what it would have written count as known. */
  private recordingOf({ recording }: Kind): Kind['recording'] {
    const { requires } = recording
    if (!this.options.dryRun || !requires) return recording
    return {
      ...recording,
      requires: (item, id) =>
        requires(item, id).filter(({ stream }) => !this.promised.has(streamKey(stream))),
    }
  }

  private promise({ recording }: Kind, ready: readonly Ready[]): void {
    for (const { record } of ready)
      for (const { stream } of recording.streams(record, (prefix, external) =>
        externalId(prefix, record.source, external),
      ))
        this.promised.add(streamKey(stream))
  }
}

/** Gathers drafts into batches of one transaction each. What came before an error is given out before it. */
export async function* batchesOf(drafts: AsyncIterable<Draft>, size = BATCH): AsyncGenerator<Draft[]> {
  let batch: Draft[] = []
  try {
    for await (const draft of drafts) {
      batch.push(draft)
      if (batch.length < size) continue
      yield batch
      batch = []
    }
  } catch (error) {
    if (batch.length) yield batch
    throw error
  }
  if (batch.length) yield batch
}
