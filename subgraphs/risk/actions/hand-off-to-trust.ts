import { ID, InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given, several, text } from '#shared/fields.js'
import { concernedIds, unknownIds } from '#shared/known.js'
import { STAFF } from '#shared/roles.js'
import { requireKnown } from '../subject.js'
import { trustCase } from '../trust-case.js'
import { TrustCase } from '../views/trust-case.js'

/** Most pieces of evidence that one hand-over names. */
const MAX_EVIDENCE = 50

@InputType('HandOffToTrustInput', { description: 'What to hand over, and what is wrong with it.' })
export class HandOffToTrustInput extends ActionInput {
  @given('Node', 'What it comes from: an order, claim, ticket, shipment, user, organization, listing, …')
  fromId!: string

  @text('What is wrong, in words; risk reads it.', { max: 10_000, multiline: true })
  summary!: string

  @several(ID, `What shows it: ids of anything, at most ${MAX_EVIDENCE}.`, {
    nullable: true,
    max: MAX_EVIDENCE,
  })
  evidenceIds?: string[] | null
}

/** E17, E40, E63: whoever works here may; the case shows on what it came from and on all whom that concerns. */
export const handOffToTrust = action({
  name: 'handOffToTrust',
  description: 'Hands something to Trust & Safety, as a case of its own.',
  input: HandOffToTrustInput,
  risk: 'SENSITIVE',
  reasons: {
    FRAUD: 'Somebody defrauds, or is about to.',
    ACCOUNT_TAKEOVER: 'Somebody else uses the account.',
    COUNTERFEIT: 'Fakes are sold.',
    PROHIBITED_ITEM: 'Something is sold that may not be.',
    COLLUSION: 'Several act together against the rules.',
    ABUSE: 'People are harassed or cheated.',
    SAFETY: 'People could come to harm.',
    LEGAL: 'An authority, or a lawyer, asks.',
    OTHER: 'None of these; the summary says what.',
  },

  on: trustCase,
  prepare: async ({ fromId, evidenceIds }, tx) => ({
    unknown: await unknownIds(tx, [fromId, ...(evidenceIds ?? [])]),
    subjects: await concernedIds(tx, fromId),
  }),

  allow: STAFF,

  decide(_nothing, { fromId, summary, evidenceIds }, { read: { unknown, subjects } }) {
    requireKnown(fromId, 'fromId', unknown)
    const evidence = [...new Set(evidenceIds ?? [])]
    for (const [at, id] of evidence.entries()) requireKnown(id, `evidenceIds.${at}`, unknown)
    return {
      type: 'TrustCaseOpened',
      data: { fromId, subjectIds: subjects, evidence },
      personal: { summary },
      refs: subjects,
    }
  },

  emits: ['TrustCaseOpened'],
  returns: { trustCase: TrustCase },
})
