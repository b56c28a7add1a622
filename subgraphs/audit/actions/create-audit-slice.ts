import { Field, ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { Caller } from '#shared/context.js'
import type { AuditEvents, SliceFilter } from '#shared/events/audit.js'
import { given, part } from '#shared/fields.js'
import { prefixOf } from '#shared/id.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role, STAFF } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { AuditSlice } from '../slices/audit-slice.js'
import { chosen, digestOf, type Hashed, MOST } from '../slices/choose.js'
import { auditSlice } from '../slices/slice.js'

const MAX_VALUES = 50

@InputType('AuditSliceFilter', {
  description: 'Which events; every condition has to hold, and one at least.',
})
export class AuditSliceFilter {
  @Field(() => [String], { nullable: true, description: `Event types; at most ${MAX_VALUES}.` })
  types?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Who did it.' })
  actorId?: string | null

  @Field(() => [ID], { nullable: true, description: `About any of these; at most ${MAX_VALUES}.` })
  references?: string[] | null

  @Field(() => DateTime, { nullable: true, description: 'Not before this (UTC).' })
  after?: Date | null

  @Field(() => DateTime, { nullable: true, description: 'Before this (UTC).' })
  before?: Date | null
}

@InputType('CreateAuditSliceInput', { description: 'Which events to freeze, and for what.' })
export class CreateAuditSliceInput extends ActionInput {
  @part(() => AuditSliceFilter, 'Which events.')
  filter!: AuditSliceFilter

  @given('Node', 'The ticket or handover that it is for.', { nullable: true })
  attachTo?: string | null
}

interface Ground {
  events: Hashed[]
  unknown: string[]
}

const prepare = async (
  { filter, attachTo }: CreateAuditSliceInput,
  tx: EntityManager,
  { identity }: Caller,
): Promise<Ground> => ({
  events: await chosen(tx, filter, identity),
  unknown: attachTo ? await unknownIds(tx, [attachTo]) : [],
})

/** The filter as it is kept. @throws Refusal INVALID or TOO_MANY */
function kept({ types, actorId, references, after, before }: AuditSliceFilter): SliceFilter {
  for (const [field, values] of Object.entries({ types, references }))
    if (values && values.length > MAX_VALUES)
      refuse('TOO_MANY', `At most ${MAX_VALUES} are taken.`, `filter.${field}`, { most: MAX_VALUES })
  const filter = {
    ...(types?.length ? { types } : {}),
    ...(actorId ? { actorId } : {}),
    ...(references?.length ? { references } : {}),
    ...(after ? { after: after.toISOString() } : {}),
    ...(before ? { before: before.toISOString() } : {}),
  }
  if (Object.keys(filter).length === 0) refuse('INVALID', 'Say which events.', 'filter')
  return filter
}

function requireTarget(id: string | null, unknown: readonly string[]): void {
  if (id === null) return
  if (!['tkt', 'hof'].includes(prefixOf(id)))
    refuse('INVALID', 'A slice is made for a ticket or a handover.', 'attachTo')
  if (unknown.length) refuse('UNKNOWN_REFERENCE', 'There is no such ticket or handover.', 'attachTo')
}

/** A19, A26: evidence that stays what it was. */
export const createAuditSlice = action({
  name: 'createAuditSlice',
  description: `Chooses up to ${MOST} events of the log as evidence and freezes which they are, with their hashes. Auditors and Super Admins choose among all; others among their own acts, and among what happened to the entities that they name.`,
  input: CreateAuditSliceInput,

  on: auditSlice,
  prepare,

  allow: [...STAFF, Role.AUDITOR],

  decide(_nothing, { filter, attachTo = null }, { read: { events, unknown } }): Draft<AuditEvents> {
    const attachedToId = attachTo || null
    requireTarget(attachedToId, unknown)
    const asked = kept(filter)
    if (events.length === 0) refuse('NOT_FOUND', 'There is no such event that you may see.', 'filter')
    if (events.length > MOST)
      refuse('TOO_MANY', `More than ${MOST} events; narrow the filter.`, 'filter', { most: MOST })
    return {
      type: 'AuditSliceCreated',
      data: {
        filter: asked,
        attachedToId,
        eventIds: events.map(({ id }) => id),
        hashes: events.map(({ hash }) => hash),
        digest: digestOf(events),
      },
    }
  },

  emits: ['AuditSliceCreated'],
  returns: { auditSlice: AuditSlice },
})
