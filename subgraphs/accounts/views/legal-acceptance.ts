import { RecordedRow } from '#shared/entity.js'
import type { ConsentChoice as Choice, LegalDocument } from '#shared/events/accounts.js'
import { entity, instant, oneOf, ref, several, text } from '#shared/fields.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { ConsentChoice, LegalDocumentKind, versionOrder } from '../legal-documents.js'
import { legalAcceptance } from '../mirrored.js'
import { User } from './user.js'

/** A18, B36. */
@entity('LegalAcceptance', {
  description: 'That a user accepted a version of a document, or consented to something, where and when.',
  allow: readersAndCustomers,
  requester: ({ personId }) => ({ where: 'user_id = $1', values: [personId] }),
  schema: 'accounts',
  prefix: 'lga',
})
export class LegalAcceptance extends RecordedRow {
  @ref(() => User, 'Who.')
  userId!: string

  @oneOf(LegalDocumentKind, 'What.')
  documentKind!: LegalDocument

  @text('Which version of it.', { max: 60 })
  documentVersion!: string

  @text('The version as it sorts.', { hidden: true })
  versionOrder!: string

  @instant('When they did (UTC).')
  acceptedAt!: Date

  @text('Where they did, e.g. checkout or settings.', { max: 100 })
  surface!: string

  @several(ConsentChoice, 'What they chose; COOKIE_CONSENT only.')
  choices!: Choice[]

  @instant('When they took it back (UTC); null: it stands.', { nullable: true })
  withdrawnAt!: Date | null
}

export const legalAcceptances = view(LegalAcceptance, {
  of: legalAcceptance,
  on: {
    LegalAcceptanceRecorded: ({ data }) => ({
      ...data,
      versionOrder: versionOrder(data.documentVersion),
      acceptedAt: new Date(data.acceptedAt),
      withdrawnAt: data.withdrawnAt ? new Date(data.withdrawnAt) : null,
    }),
  },
})
