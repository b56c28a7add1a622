import { Approval } from '#shared/approval.js'
import { Row } from '#shared/entity.js'
import { entity, instant, json, ref, stub, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { policy } from './policy.js'

const Staff = stub('StaffMember')

export const versionId = (key: string, version: number): string => `pov_${key}.${version}`

@entity('PolicyVersion', {
  description: 'A change of a policy: what it was, what it is from when on, and which two people decided so.',
  allow: READERS,
  schema: 'policy',
  table: 'version',
  prefix: 'pov',
})
export class PolicyVersion extends Row {
  @text('The policy that was changed.', { hidden: true })
  policyId!: string

  @text('The policy that was changed, e.g. refund.limit.SUPPORT_AGENT.')
  key!: string

  @json('What it is from then on.')
  value!: unknown

  @json('What it would have been from then on without this change.')
  before!: unknown

  @instant('From when on it holds (UTC).')
  effectiveFrom!: Date

  @ref(() => Staff, 'Who asked for it.', { as: 'requestedBy' })
  requestedById!: string

  @ref(() => Staff, 'Who approved it.', { as: 'approvedBy' })
  approvedById!: string

  @ref(() => Approval, 'The request that was approved.', { nullable: true })
  approvalId!: string | null
}

export const policyVersions = view(PolicyVersion, {
  of: policy,
  key: ({ data, version }) => versionId((data as { key: string }).key, version),
  on: {
    PolicyChanged: ({ data, actor, stream }) => ({
      policyId: stream.id,
      key: data.key,
      value: data.value,
      before: data.before,
      effectiveFrom: new Date(data.effectiveFrom),
      requestedById: data.requestedById,
      approvedById: actor.id,
      approvalId: data.approvalId,
    }),
  },
})
