import { createHash } from 'node:crypto'
import { Directive, Extensions, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { canonicalJson } from '#shared/canonical.js'
import type { Caller } from '#shared/context.js'
import { actorOf, type EventDraft, type StreamRef } from '#shared/event.js'
import { streamKey } from '#shared/event-store.js'
import { type Class, check, cleaned, type Problem, text } from '#shared/fields.js'
import { externalId } from '#shared/id.js'
import { Overflow } from '#shared/money.js'
import { fold, type View } from '#shared/view.js'

/** Most records that one call takes. */
export const BATCH = 500

/** Where a record comes from: together with its external id, its identity for ever. */
@InputType()
export abstract class RecordInput {
  @text('The system it comes from, e.g. `shop`; with externalId it makes the record unique.', { max: 60 })
  source!: string

  @text("The marketplace's own id: hex, UUID, number, anything.", { max: 200 })
  externalId!: string
}

/** Names another recorded entity of the same source: `id('usr', externalId)`. */
export type IdOf = (prefix: string, external: string) => string

/** One stream that a record speaks of, and the event that says what the source says. */
export interface Recorded {
  stream: StreamRef
  event: EventDraft
  /** Tells statements about one stream apart that come from different records, e.g. two payments of an order. */
  about?: string
}

const idOf =
  ({ source }: RecordInput): IdOf =>
  (prefix, external) =>
    externalId(prefix, source, external)

const keyOf = ({ stream, event, about }: Recorded): string =>
  [stream.id, event.type, about].filter(Boolean).join('/')

export interface RecordingSpec<R extends RecordInput> {
  /** The mutation, e.g. `recordUsers`. */
  name: string
  /** File name stem of imports, e.g. `users`. */
  plural: string
  description: string
  record: Class<R>
  /** What a record says: the streams it touches. Other entities are named by `id(prefix, externalId)`. */
  streams: (record: R, id: IdOf) => Recorded[]
  /** Ids of this same subgraph that have to be known, with the field that names each. */
  requires?: (record: R, id: IdOf) => { field: string; stream: StreamRef }[]
  /** What a single record may not say, e.g. lines of two currencies. */
  check?: (record: R) => Problem[]
  /**
   * What records may not say in view of what is known, e.g. a payment below what was given back of it: one read for a whole
   * batch. Problems come with the index of their record in `records`.
   */
  against?: (tx: EntityManager, records: readonly Identified<R>[]) => Promise<(Problem & { index: number })[]>
  /**
   * What follows from a record in view of what is known, e.g. that who is no longer listed has left: one read for a whole batch. Each comes
   * with the index of the record it follows from, and counts as a part of it.
   */
  follows?: (tx: EntityManager, records: readonly Identified<R>[]) => Promise<Following[]>
  emits: readonly string[]
}

export interface Following {
  index: number
  recorded: Recorded
}

/** A record of a batch, its place there, and how it names other entities of its source. */
export interface Identified<R> {
  index: number
  record: R
  id: IdOf
}

/** A recording with its record type forgotten. */
export interface Recording {
  name: string
  plural: string
  description: string
  record: Class<RecordInput>
  // biome-ignore lint/suspicious/noExplicitAny: records differ
  streams: (record: any, id: IdOf) => Recorded[]
  // biome-ignore lint/suspicious/noExplicitAny: records differ
  requires?: (record: any, id: IdOf) => { field: string; stream: StreamRef }[]
  // biome-ignore lint/suspicious/noExplicitAny: records differ
  check?: (record: any) => Problem[]
  against?: (
    tx: EntityManager,
    // biome-ignore lint/suspicious/noExplicitAny: records differ
    records: readonly Identified<any>[],
  ) => Promise<(Problem & { index: number })[]>
  // biome-ignore lint/suspicious/noExplicitAny: records differ
  follows?: (tx: EntityManager, records: readonly Identified<any>[]) => Promise<Following[]>
  emits: readonly string[]
}

/** Takes a kind of the marketplace's records in, idempotent by (source, externalId). */
export const recording = <R extends RecordInput>(spec: RecordingSpec<R>): Recording =>
  spec as unknown as Recording

@ObjectType('RecordProblem', { description: 'A record that was not taken, and why; the others were.' })
@Directive('@shareable')
@Extensions({ value: true })
export class RecordProblem {
  @Field(() => Int, { description: 'Its place in the call, from 0.' })
  index!: number

  @Field(() => ID, { description: 'Its external id.' })
  externalId!: string

  @Field(() => String, { description: 'Where in the record, e.g. orders.0.lines.1.unitPrice.' })
  field!: string

  @Field(() => String, { description: 'What is wrong.' })
  message!: string
}

@ObjectType('RecordPayload', { description: 'What became of a batch of records.' })
@Directive('@shareable')
@Extensions({ value: true })
export class RecordPayload {
  @Field(() => Int, { description: 'Taken in for the first time.' })
  created!: number

  @Field(() => Int, { description: 'Known, and different now.' })
  updated!: number

  @Field(() => Int, { description: 'Known, and the same: nothing happened.' })
  unchanged!: number

  @Field(() => [RecordProblem], { description: 'Records that were left out.' })
  problems!: RecordProblem[]

  @Field(() => Boolean, { description: 'Nothing was written, as asked.' })
  dryRun!: boolean
}

interface Pending {
  index: number
  externalId: string
  parts: { recorded: Recorded; digest: Buffer }[]
}

/**
 * Takes a batch in, in one transaction: bad records are reported by place and field, the rest goes in. The same batch again
 * changes nothing.
 */
export async function record(
  { recording, views }: { recording: Recording; views: readonly View[] },
  records: readonly RecordInput[],
  caller: Caller,
  dryRun = false,
): Promise<RecordPayload> {
  const { store, db } = caller.services
  const problems: RecordProblem[] = []
  const pending = records.flatMap((item, index) => read(recording, item, index, problems))
  const payload = await db.transaction(async tx => {
    // One batch of a kind at a time: a lock for each of 2,000 streams would fill the server's lock table.
    await store.lock(tx, [`record:${recording.name}`])
    const referring = await withKnownReferences(tx, recording, records, pending, problems, caller)
    const taken = await withoutContradictions(tx, recording, records, referring, problems)
    const accepted = await withFollowing(tx, recording, records, taken)
    const known = await digests(tx, accepted)
    const result = { created: 0, updated: 0, unchanged: 0 }
    const writes: Pending['parts'] = []
    for (const { parts } of accepted) {
      const changed = parts.filter(({ recorded, digest }) => !known.get(keyOf(recorded))?.equals(digest))
      if (changed.length === 0) result.unchanged++
      // Its own stream comes first; others may be known from elsewhere, like the catalog item of a new listing.
      else if (known.has(keyOf(parts[0]!.recorded))) result.updated++
      else result.created++
      writes.push(...changed)
    }
    if (!dryRun) await write(tx, dedupe(writes), views, caller)
    return { ...result, problems, dryRun }
  })
  store.poke(db)
  return payload
}

/** The last word of a batch counts. */
const dedupe = (writes: Pending['parts']): Pending['parts'] => [
  ...new Map(writes.map(part => [keyOf(part.recorded), part])).values(),
]

function read(recording: Recording, item: RecordInput, index: number, problems: RecordProblem[]): Pending[] {
  cleaned(recording.record, item)
  const { externalId } = item
  try {
    const found = check(recording.record, item as unknown as Record<string, unknown>)
    if (found.length === 0) found.push(...(recording.check?.(item) ?? []))
    if (found.length === 0) return [{ index, externalId, parts: partsOf(recording, item) }]
    problems.push(...found.map(problem => ({ ...problem, index, externalId })))
  } catch (error) {
    if (!(error instanceof Overflow)) throw error
    problems.push({
      index,
      externalId,
      field: '',
      message: `adds up to more than can be held: ${error.message}`,
    })
  }
  return []
}

const partsOf = (recording: Recording, item: RecordInput): Pending['parts'] =>
  recording.streams(item, idOf(item)).map(recorded => ({ recorded, digest: digestOf(recorded.event) }))

const digestOf = ({ type, data, personal, refs }: EventDraft): Buffer =>
  createHash('sha256').update(canonicalJson({ type, data, personal, refs })).digest()

async function withKnownReferences(
  tx: EntityManager,
  recording: Recording,
  records: readonly RecordInput[],
  pending: Pending[],
  problems: RecordProblem[],
  { services }: Caller,
): Promise<Pending[]> {
  if (!recording.requires) return pending
  const needs = pending.map(item => {
    const source = records[item.index]!
    return recording.requires!(source, idOf(source))
  })
  const known = await services.store.versions(
    tx,
    needs.flat().map(({ stream }) => stream),
  )
  return pending.filter((item, i) => {
    const missing = needs[i]!.filter(({ stream }) => !known.has(streamKey(stream)))
    problems.push(
      ...missing.map(({ field, stream }) => ({
        index: item.index,
        externalId: item.externalId,
        field,
        message: `refers to ${stream.type === 'Order' ? 'an' : 'a'} ${stream.type} that was never recorded`,
      })),
    )
    return missing.length === 0
  })
}

async function withoutContradictions(
  tx: EntityManager,
  recording: Recording,
  records: readonly RecordInput[],
  pending: Pending[],
  problems: RecordProblem[],
): Promise<Pending[]> {
  if (!recording.against || pending.length === 0) return pending
  const found = await recording.against(tx, identified(pending, records))
  problems.push(...found.map(one => ({ ...one, externalId: records[one.index]!.externalId })))
  const bad = new Set(found.map(({ index }) => index))
  return pending.filter(({ index }) => !bad.has(index))
}

const identified = (pending: readonly Pending[], records: readonly RecordInput[]) =>
  pending.map(({ index }) => ({ index, record: records[index]!, id: idOf(records[index]!) }))

async function withFollowing(
  tx: EntityManager,
  recording: Recording,
  records: readonly RecordInput[],
  pending: Pending[],
): Promise<Pending[]> {
  if (!recording.follows || pending.length === 0) return pending
  const following = await recording.follows(tx, identified(pending, records))
  return pending.map(one => ({
    ...one,
    parts: [
      ...one.parts,
      ...following
        .filter(({ index }) => index === one.index)
        .map(({ recorded }) => ({ recorded, digest: digestOf(recorded.event) })),
    ],
  }))
}

async function digests(tx: EntityManager, pending: readonly Pending[]): Promise<Map<string, Buffer>> {
  const keys = pending.flatMap(({ parts }) => parts.map(({ recorded }) => keyOf(recorded)))
  const rows: { key: string; digest: Buffer }[] = await tx.query(
    'select key, digest from record.content where key = any($1)',
    [keys],
  )
  return new Map(rows.map(row => [row.key, row.digest]))
}

async function write(
  tx: EntityManager,
  parts: Pending['parts'],
  views: readonly View[],
  caller: Caller,
): Promise<void> {
  if (parts.length === 0) return
  const { identity, requestId, surface, site, services } = caller
  const events = await services.store.append(
    tx,
    parts.map(({ recorded }) => ({
      stream: recorded.stream,
      expectedVersion: null,
      events: [recorded.event],
    })),
    {
      actor: actorOf(identity),
      reasonCode: 'ROUTINE',
      requestId,
      correlationId: requestId,
      surface,
      site,
    },
    services.clock(),
  )
  await fold(tx, views, events)
  await tx.query(
    `insert into record.content (key, digest) select * from unnest($1::text[], $2::bytea[])
     on conflict (key) do update set digest = excluded.digest`,
    [parts.map(({ recorded }) => keyOf(recorded)), parts.map(({ digest }) => digest)],
  )
}
