import { Row } from '#shared/entity.js'
import { count, entity, oneOf, ref, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { SlaClock } from '../sla/sla-enums.js'
import { slaTerms } from '../sla/sla-terms.js'
import { Organization } from '../stubs.js'

@entity('SlaTerms', {
  description:
    'How soon an account is answered, as agreed with it; what is null is as the policies say (D10).',
  allow: READERS,
  schema: 'support',
  prefix: 'slt',
})
export class SlaTerms extends Row {
  @ref(() => Organization, 'The account.')
  organizationId!: string

  @count('How soon staff first reply, in hours of the clock.', { nullable: true })
  firstResponseHours!: number | null

  @count('How soon they do when it is urgent or somebody may come to harm.', { nullable: true })
  urgentHours!: number | null

  @count('How soon they do after it was escalated IMMEDIATE, by the clock.', { nullable: true })
  emergencyHours!: number | null

  @oneOf(SlaClock, 'Which time counts.', { nullable: true })
  clock!: keyof typeof SlaClock | null

  @text('Why, as a reason code of setSlaTerms.', { nullable: true })
  reasonCode!: string | null

  @text('Who said so last: open with node(id).')
  setById!: string
}

export const slaTermsRows = view(SlaTerms, {
  of: slaTerms,
  on: {
    SlaPolicyAssigned: ({ data, actor, reasonCode }) => ({
      organizationId: data.organizationId,
      firstResponseHours: data.firstResponseHours,
      urgentHours: data.urgentHours,
      clock: data.clock,
      emergencyHours: data.emergencyHours ?? null,
      reasonCode,
      setById: actor.id,
    }),
  },
})
