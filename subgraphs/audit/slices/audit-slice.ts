import { Row } from '#shared/entity.js'
import { count, entity, json, ref, several, stub, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { auditSlice } from './slice.js'

const Staff = stub('StaffMember')

@entity('AuditSlice', {
  description:
    'Events of the log that somebody chose as evidence, with the hash that each had then (A19). Never changed.',
  allow: [...READERS, 'audit:read'],
  schema: 'audit',
  table: 'slice',
  prefix: 'asl',
})
export class AuditSlice extends Row {
  @json('The filter by which they were chosen.')
  filter!: unknown

  @text('What it was made for: a ticket or a handover; open it with node(id).', { nullable: true })
  attachedToId!: string | null

  @several(String, 'Ids of the events, oldest first.')
  eventIds!: string[]

  @several(String, 'Their hashes, in the same order, hexadecimal.')
  hashes!: string[]

  @count('How many there are.')
  count!: number

  @text('SHA-256 over ids and hashes: one line "id hash" each.')
  digest!: string

  @ref(() => Staff, 'Who chose them.', { as: 'createdBy' })
  createdById!: string
}

export const auditSlices = view(AuditSlice, {
  of: auditSlice,
  on: {
    AuditSliceCreated: ({ data, actor }) => ({ ...data, count: data.eventIds.length, createdById: actor.id }),
  },
})
