import { Field, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, instant, oneOf } from '#shared/fields.js'
import {
  MOST_DAYS,
  onCallShift,
  readPlanning,
  requirePlace,
  requirePossible,
  type Shift,
} from '../desk/on-call.js'
import { Workspace } from '../enums.js'
import { LEADS } from '../staff.js'
import { OnCallShift } from '../views/on-call-shift.js'

@InputType('ScheduleOnCallInput', { description: 'Who is on call when, and for what.' })
export class ScheduleOnCallInput extends ActionInput {
  @given('StaffMember', 'Who is on call.')
  staffId!: string

  @oneOf(Workspace, 'For which workspace; this, or everywhere.', { nullable: true })
  workspace?: keyof typeof Workspace | null

  @Field(() => Boolean, { defaultValue: false, description: 'For all workspaces.' })
  everywhere?: boolean

  @instant('From then (UTC).')
  startsAt!: Date

  @instant(`Until then (UTC); at most ${MOST_DAYS} days.`)
  endsAt!: Date
}

const shiftIn = ({ staffId, workspace, startsAt, endsAt }: ScheduleOnCallInput): Shift => ({
  staffId,
  workspace: workspace ?? null,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
})

/** A20: the rota is data. Several may be on call at once: all of them are paged. */
export const scheduleOnCall = action({
  name: 'scheduleOnCall',
  description:
    'Plans who is on call, for a workspace or for all: whoever is on call is paged when something is escalated that cannot wait.',
  input: ScheduleOnCallInput,

  on: onCallShift,
  prepare: (input, tx, { services }) => readPlanning(tx, services, shiftIn(input)),

  allow: LEADS,

  decide(_nothing, input, { now, read }) {
    requirePlace(input.workspace, input.everywhere ?? false)
    const shift = shiftIn(input)
    requirePossible(shift, read, now)
    return { type: 'OnCallScheduled', data: shift, refs: [shift.staffId] }
  },

  emits: ['OnCallScheduled'],
  returns: { shift: OnCallShift },
})
