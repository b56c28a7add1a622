import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several, text } from '#shared/fields.js'
import { unknownIds } from '#shared/known.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { isAddress } from '../evidence-address.js'
import { Workflow } from '../views/workflow.js'
import { workflow } from '../workflow.js'
import { requireWaiting, requireWorkflow } from '../workflow-guards.js'

@InputType('ProvideCaseEvidenceInput', { description: 'What was brought for what was asked for.' })
export class ProvideCaseEvidenceInput extends ActionInput {
  @given('Workflow', 'The workflow that waits for it.')
  workflowId!: string

  @text('What it answers: CaseEvidence.id.')
  requirementId!: string

  @several(String, 'What was brought: ids of entities, and addresses that begin with https://.', {
    nullable: true,
    max: 50,
  })
  evidence?: string[] | null

  @text('What it shows.', { nullable: true, max: 5_000, multiline: true })
  description?: string | null
}

/** E71: evidence before there is a claim; the claim takes it over when it is opened. */
export const provideCaseEvidence = action({
  name: 'provideCaseEvidence',
  description: 'Notes that what a workflow asked a party for was brought, and what it is.',
  input: ProvideCaseEvidenceInput,

  on: workflow,
  target: input => input.workflowId,
  prepare: ({ evidence }, tx) =>
    unknownIds(
      tx,
      (evidence ?? []).filter(one => !isAddress(one)),
    ),

  allow: [Role.SUPPORT_AGENT, Role.SUPPORT_LEAD, Role.RISK_AGENT, Role.FINANCE_ADMIN],

  decide(state, { requirementId, description, ...input }, { read: unknown }) {
    requireWorkflow(state, 'NOT_RECEIVED')
    const { orderId } = requireWaiting(state, ['COLLECT_EVIDENCE'])
    const asked = state.requirements.find(({ id }) => id === requirementId)
    if (!asked)
      refuse('NOT_FOUND', 'Nothing like this was asked for.', 'requirementId', {
        requirements: state.requirements.map(({ id }) => id),
      })
    if (asked.state !== 'REQUESTED')
      refuse('INVALID_STATE', 'This is not asked for any more.', 'requirementId', { state: asked.state })
    const evidence = [...new Set(input.evidence ?? [])]
    if (evidence.length === 0 && !description)
      refuse('INVALID', 'Give evidence, or a description of what was brought.', 'evidence')
    if (unknown.length)
      refuse(
        'UNKNOWN_REFERENCE',
        'Some of it is no https:// address, and nothing that was ever recorded.',
        'evidence',
        {
          unknown,
        },
      )
    return {
      type: 'EvidenceSatisfied',
      data: { requirementId, evidence },
      personal: description ? { description } : {},
      refs: [orderId, ...evidence.filter(one => !isAddress(one))],
    }
  },

  emits: ['EvidenceSatisfied'],
  returns: { workflow: Workflow },
})
