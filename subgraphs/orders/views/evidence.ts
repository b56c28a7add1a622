import { Extensions, Field, ID, ObjectType } from 'type-graphql'
import type { ClaimParty as Party } from '#shared/events/claims.js'
import { instant, oneOf, several, text } from '#shared/fields.js'
import { states } from '#shared/states.js'
import type { ClaimState, RequirementStatus } from '../claim.js'

export const ClaimParty = states('ClaimParty', 'Who can be asked to prove something.', {
  BUYER: 'Who bought.',
  SELLER: 'Who sold.',
  PLATFORM: 'Somebody who works here.',
  CARRIER: 'Who carried it; somebody here asks them.',
})

export const EvidenceKind = states('EvidenceKind', 'What kind of proof is asked for.', {
  PHOTO: 'Pictures of what arrived, or of how it was packed.',
  TRACKING: 'Where the parcel is or was.',
  PROOF_OF_DELIVERY: 'That it was handed over: a signature, a picture, a scan.',
  PROOF_OF_PURCHASE: 'A receipt or an invoice.',
  COMMUNICATION: 'What buyer and seller wrote to each other.',
  RETURN: 'That it was sent back.',
  IDENTITY: 'Who somebody is.',
  STATEMENT: 'What happened, in their own words.',
  OTHER: 'Something else: the instructions say what.',
})

export const EvidenceState = states('EvidenceState', 'Whether something that was asked for came.', {
  REQUESTED: 'It is waited for.',
  SATISFIED: 'It came.',
  WAIVED: 'It is no longer needed.',
  OVERDUE: 'Its date passed, and it is still waited for.',
})

@ObjectType('EvidenceRequirement', {
  description: 'Something that somebody is asked to prove on a claim (E50).',
})
@Extensions({ value: true })
export class EvidenceRequirement {
  @Field(() => ID, { description: 'Its id within the claim: give it to satisfyEvidence or waiveEvidence.' })
  id!: string

  @oneOf(EvidenceKind, 'What kind of proof.')
  kind!: keyof typeof EvidenceKind

  @oneOf(ClaimParty, 'Who has to bring it.')
  from!: Party

  @oneOf(EvidenceState, 'Whether it came.')
  state!: RequirementStatus

  @instant('Until when (UTC).')
  dueAt!: string

  @text('What exactly is asked for.', { nullable: true })
  instructions!: string | null

  @several(String, 'What was brought: ids of entities, open them with nodes(ids), and addresses.')
  evidence!: string[]

  @text('What it shows, in the words of who brought it.', { nullable: true })
  description!: string | null

  @instant('When it came (UTC).', { nullable: true })
  satisfiedAt!: string | null
}

/** What people said about one requirement, and brought for it. */
interface Words {
  requirementId: string
  instructions?: string | null
  evidence?: string[]
  description?: string | null
}

/** The checklist as it stands: states as the events left them, words as they were, or as just said. */
export function checklistOf(
  { requirements }: ClaimState,
  before: readonly EvidenceRequirement[],
  words?: Words,
): EvidenceRequirement[] {
  const known = new Map(before.map(one => [one.id, one]))
  return requirements.map(({ id, kind, from, state, dueAt, endedAt }) => {
    const { instructions = null, evidence = [], description = null } = known.get(id) ?? {}
    const said = words?.requirementId === id ? words : {}
    return {
      ...{ instructions, evidence, description, ...said },
      id,
      kind: kind as EvidenceRequirement['kind'],
      from,
      state,
      dueAt,
      satisfiedAt: state === 'SATISFIED' ? endedAt : null,
    }
  })
}
