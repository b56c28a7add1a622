import { Row } from '#shared/entity.js'
import type { Workspace as Where } from '#shared/events/support.js'
import { entity, instant, json, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { type OnCallState, onCallShift } from '../desk/on-call.js'
import { Workspace } from '../enums.js'
import { StaffMember } from '../stubs.js'

@entity('OnCallShift', {
  description: 'That somebody is on call: they are paged when something cannot wait (A20).',
  allow: READERS,
  schema: 'support',
  prefix: 'ocs',
  sort: 'startsAt',
})
export class OnCallShift extends Row {
  @ref(() => StaffMember, 'Who is on call.', { as: 'staff' })
  staffId!: string

  @oneOf(Workspace, 'For which workspace; null: for all of them.', { nullable: true })
  workspace!: Where | null

  @instant('From then (UTC).')
  startsAt!: Date

  @instant('Until then (UTC), unless it was called off before.')
  endsAt!: Date

  @ref(() => StaffMember, 'Who planned it.', { as: 'scheduledBy' })
  scheduledById!: string

  @text('What they wrote about it.', { nullable: true, multiline: true })
  note!: string | null

  @instant('When it was called off (UTC).', { nullable: true })
  canceledAt!: Date | null

  @ref(() => StaffMember, 'Who called it off.', { nullable: true, as: 'canceledBy' })
  canceledById!: string | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: OnCallState
}

const shown = ({ shift }: OnCallState) => ({
  staffId: shift!.staffId,
  workspace: shift!.workspace,
  startsAt: shift!.startsAt as unknown as Date,
  endsAt: shift!.endsAt as unknown as Date,
})

export const onCallShifts = view(OnCallShift, {
  of: onCallShift,
  on: {
    OnCallScheduled: ({ actor, note }, _row, state) => ({ ...shown(state), scheduledById: actor.id, note }),
    OnCallChanged: ({ note }, row, state) => ({ ...shown(state), note: note ?? row!.note }),
    OnCallCanceled: ({ actor, occurredAt }) => ({ canceledAt: occurredAt, canceledById: actor.id }),
  },
})
