import { Field, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Caller } from '#shared/context.js'
import { given, instant, oneOf } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import {
  hasBegun,
  MOST_DAYS,
  onCallShift,
  type Planning,
  readPlanning,
  requireAhead,
  requirePlace,
  requirePossible,
  type Shift,
} from '../desk/on-call.js'
import { Workspace } from '../enums.js'
import { LEADS } from '../staff.js'
import { OnCallShift } from '../views/on-call-shift.js'

@InputType('ChangeOnCallInput', {
  description: 'What is otherwise about a shift; what is left out stays as it is.',
})
export class ChangeOnCallInput extends ActionInput {
  @given('OnCallShift', 'The shift.')
  shiftId!: string

  @given('StaffMember', 'Who is on call instead; not once it has begun.', { nullable: true })
  staffId?: string | null

  @oneOf(Workspace, 'For which workspace instead; not once it has begun.', { nullable: true })
  workspace?: keyof typeof Workspace | null

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'For all workspaces instead; not once it has begun.',
  })
  everywhere?: boolean

  @instant('From then (UTC); not once it has begun.', { nullable: true })
  startsAt?: Date | null

  @instant(`Until then (UTC); at most ${MOST_DAYS} days.`, { nullable: true })
  endsAt?: Date | null
}

const changed = (before: Shift, input: ChangeOnCallInput): Shift => ({
  staffId: input.staffId ?? before.staffId,
  workspace: input.everywhere ? null : (input.workspace ?? before.workspace),
  startsAt: input.startsAt?.toISOString() ?? before.startsAt,
  endsAt: input.endsAt?.toISOString() ?? before.endsAt,
})

/** Locks the shift before the person: what is planned here is what is decided on. */
async function prepare(
  input: ChangeOnCallInput,
  tx: EntityManager,
  { services }: Caller,
): Promise<Planning | null> {
  await services.store.lock(tx, [input.shiftId])
  const [row] = await tx.query(`select state->'shift' as shift from support.on_call_shift where id = $1`, [
    input.shiftId,
  ])
  return row ? readPlanning(tx, services, changed(row.shift, input), input.shiftId) : null
}

const SETTLED = ['staffId', 'workspace', 'startsAt'] as const

/** Who was on call, and for what, is history: of a shift that has begun its end alone can be another one. */
export const changeOnCall = action({
  name: 'changeOnCall',
  description: 'Plans a shift otherwise. Once it has begun, only its end can be moved.',
  input: ChangeOnCallInput,

  on: onCallShift,
  target: input => input.shiftId,
  prepare,

  allow: LEADS,

  decide(state, input, { now, read }) {
    const before = requireAhead(state, now)
    if (input.everywhere && input.workspace) requirePlace(input.workspace, true)
    const after = changed(before, input)
    const settled = SETTLED.find(field => after[field] !== before[field])
    if (settled && hasBegun(before, now))
      refuse('INVALID_STATE', 'It has begun: end it, and plan another one.', settled, {
        startsAt: before.startsAt,
      })
    if (!settled && after.endsAt === before.endsAt) refuse('UNCHANGED', 'It is so already.', 'shiftId')
    requirePossible(after, read!, now)
    return { type: 'OnCallChanged', data: after, refs: [...new Set([before.staffId, after.staffId])] }
  },

  emits: ['OnCallChanged'],
  returns: { shift: OnCallShift },
})
