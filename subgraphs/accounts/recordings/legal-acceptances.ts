import { InputType } from 'type-graphql'
import type { ConsentChoice as Choice, LegalDocument } from '#shared/events/accounts.js'
import { instant, oneOf, type Problem, several, text } from '#shared/fields.js'
import { RecordInput, recording } from '#shared/record.js'
import { ConsentChoice, LegalDocumentKind } from '../legal-documents.js'

@InputType('LegalAcceptanceRecordInput', {
  description: 'That a user accepted a document, or took that back.',
})
export class LegalAcceptanceRecordInput extends RecordInput {
  @text('External id of the user.')
  user!: string

  @oneOf(LegalDocumentKind, 'What they accepted.')
  documentKind!: LegalDocument

  @text('Which version of it.', { max: 60 })
  documentVersion!: string

  @instant('When (UTC).')
  acceptedAt!: Date

  @text('Where, e.g. checkout or settings.', { max: 100 })
  surface!: string

  @several(ConsentChoice, 'What they chose; COOKIE_CONSENT only, and there always with ESSENTIAL.', {
    nullable: true,
    max: 10,
  })
  choices?: Choice[] | null

  @instant('When they took it back (UTC).', { nullable: true })
  withdrawnAt?: Date | null
}

function problemsOf({
  documentKind,
  choices,
  acceptedAt,
  withdrawnAt,
}: LegalAcceptanceRecordInput): Problem[] {
  const problems: Problem[] = []
  const isConsent = documentKind === 'COOKIE_CONSENT'
  if (isConsent && !choices?.includes('ESSENTIAL'))
    problems.push({ field: 'choices', message: 'has to name ESSENTIAL: without it nothing works' })
  if (!isConsent && choices?.length)
    problems.push({ field: 'choices', message: `goes with COOKIE_CONSENT, not with ${documentKind}` })
  if (withdrawnAt && withdrawnAt < acceptedAt)
    problems.push({ field: 'withdrawnAt', message: 'is before acceptedAt' })
  return problems
}

/** A18, B36: users may come before or after. */
export const recordLegalAcceptances = recording({
  name: 'recordLegalAcceptances',
  plural: 'legalAcceptances',
  description: 'Takes in what users accepted and consented to, and what they took back.',
  record: LegalAcceptanceRecordInput,
  check: problemsOf,
  emits: ['LegalAcceptanceRecorded'],
  streams: ({ source, externalId, user, acceptedAt, withdrawnAt, choices, ...rest }, id) => {
    const userId = id('usr', user)
    return [
      {
        stream: { type: 'LegalAcceptance', id: id('lga', externalId) },
        event: {
          type: 'LegalAcceptanceRecorded',
          data: {
            source,
            externalId,
            userId,
            documentKind: rest.documentKind,
            documentVersion: rest.documentVersion,
            acceptedAt: acceptedAt.toISOString(),
            surface: rest.surface,
            choices: [...new Set(choices ?? [])],
            withdrawnAt: withdrawnAt?.toISOString() ?? null,
          },
          refs: [userId],
        },
      },
    ]
  },
})
