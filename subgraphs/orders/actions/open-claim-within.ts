import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { Draft } from '#shared/aggregate.js'
import type { ClaimKind as Kind, ClaimParty as Party } from '#shared/events/claims.js'
import { given, instant, money, oneOf, parts, several, text } from '#shared/fields.js'
import type { Sum } from '#shared/money.js'
import { Role } from '#shared/roles.js'
import { type ClaimStreamEvents, claim } from '../claim.js'
import { claimedAmount, opened, readOpening, requireClaimable } from '../claim-opening.js'
import { Claim, ClaimKind } from '../views/claim.js'
import { ClaimParty, EvidenceKind, EvidenceState } from '../views/evidence.js'

@InputType('EvidenceTakenOverInput', {
  description: 'Something that was asked for before there was a claim, and what came of it.',
})
export class EvidenceTakenOverInput {
  @text('Its id, which it keeps.')
  id!: string

  @oneOf(EvidenceKind, 'What kind of proof.')
  kind!: string

  @oneOf(ClaimParty, 'Who has to bring it.')
  from!: Party

  @oneOf(EvidenceState, 'Whether it came.')
  state!: keyof typeof EvidenceState

  @instant('Until when (UTC).')
  dueAt!: Date | string

  @text('What exactly is asked for.', { nullable: true, max: 5_000, multiline: true })
  instructions?: string | null

  @several(String, 'What was brought.', { nullable: true, max: 50 })
  evidence?: string[] | null

  @text('What it shows.', { nullable: true, max: 5_000, multiline: true })
  description?: string | null
}

@InputType('OpenClaimWithinInput', { description: 'What went wrong with which order, and how it came up.' })
export class OpenClaimWithinInput extends ActionInput {
  @given('Order', 'The order it is about.')
  orderId!: string

  @oneOf(ClaimKind, 'What went wrong.')
  kind!: Kind

  @money('How much it is about; left out: all that could still be given back.', { nullable: true })
  amount?: Sum | null

  @text('What happened, in a few words.', { nullable: true, max: 5_000, multiline: true })
  summary?: string | null

  @given('Dispute', 'The chargeback that it is about.', { nullable: true })
  disputeId?: string | null

  @given('Workflow', 'The workflow that it is a step of.', { nullable: true })
  workflowId?: string | null

  @parts(() => EvidenceTakenOverInput, 'What was asked for already: the claim goes on with it.', {
    nullable: true,
    max: 50,
  })
  evidence?: EvidenceTakenOverInput[] | null
}

/** What was asked for before, as if it had been asked for on the claim; nobody is told again. */
function takenOver(
  orderId: string,
  {
    id: requirementId,
    kind,
    from,
    state,
    dueAt,
    instructions,
    evidence,
    description,
  }: EvidenceTakenOverInput,
): Draft<ClaimStreamEvents>[] {
  const refs = [orderId]
  const asked: Draft<ClaimStreamEvents> = {
    type: 'EvidenceRequested',
    data: { requirementId, kind, from, dueAt: new Date(dueAt).toISOString() },
    personal: instructions ? { instructions } : {},
    refs,
  }
  if (state === 'WAIVED') return [asked, { type: 'EvidenceWaived', data: { requirementId }, refs }]
  if (state !== 'SATISFIED') return [asked]
  const data = { requirementId, evidence: evidence ?? [] }
  const personal = description ? { description } : {}
  return [asked, { type: 'EvidenceSatisfied', data, personal, refs }]
}

/** E52, E71: a chargeback or a workflow opens a claim. What a bank took is claimed whatever is left of the payment. */
export const openClaimWithin = action({
  name: 'openClaimWithin',
  description: 'Opens a claim about an order for a chargeback or a workflow. Done by Opsgraph itself.',
  input: OpenClaimWithinInput,

  on: claim,
  prepare: readOpening,

  allow: [Role.SYSTEM],

  decide(_nothing, { amount = null, evidence, ...input }, { targetId, read }) {
    const claimable = requireClaimable(read)
    const claimed = input.disputeId && amount ? amount : claimedAmount(claimable, amount)
    return [
      ...opened(targetId, read, { ...input, amount: claimed }),
      ...(evidence ?? []).flatMap(one => takenOver(input.orderId, one)),
    ]
  },

  emits: ['ClaimOpened', 'NotificationRequested', 'EvidenceRequested', 'EvidenceSatisfied', 'EvidenceWaived'],
  returns: { claim: Claim },
})
