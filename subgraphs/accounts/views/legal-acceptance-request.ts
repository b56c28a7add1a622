import { ID } from 'type-graphql'
import { Row } from '#shared/entity.js'
import type { LegalDocument } from '#shared/events/accounts.js'
import { entity, oneOf, ref, several, text } from '#shared/fields.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { readersAndCustomers } from '../audience.js'
import { legalAcceptanceRequest } from '../legal-acceptance-request.js'
import { LegalDocumentKind, versionOrder } from '../legal-documents.js'
import { Organization } from './organization.js'
import { StaffMember } from './staff-member.js'

/** A18. Customers see what is asked of them, and nothing of whom else it was asked. */
@entity('LegalAcceptanceRequest', {
  description: 'That users are to accept a version of a document, or a newer one.',
  allow: readersAndCustomers,
  requester: ({ personId }) => ({ where: 'user_ids @> array[$1]::text[]', values: [personId] }),
  schema: 'accounts',
  prefix: 'lgr',
})
export class LegalAcceptanceRequest extends Row {
  @several(ID, 'Whom it was asked of.', { only: READERS, links: true })
  userIds!: string[]

  @ref(() => Organization, 'Whose members they were, where the organization was named.', {
    nullable: true,
    only: READERS,
  })
  organizationId!: string | null

  @oneOf(LegalDocumentKind, 'What they are to accept.')
  documentKind!: LegalDocument

  @text('Which version of it, or a newer one.', { max: 60 })
  documentVersion!: string

  @text('The version as it sorts.', { hidden: true })
  versionOrder!: string

  @text('Why, as a reason code of reRequestLegalAcceptance.', { nullable: true, only: READERS })
  reasonCode!: string | null

  @ref(() => StaffMember, 'Who asked.', { as: 'requestedBy', nullable: true, only: READERS })
  requestedById!: string | null
}

export const legalAcceptanceRequests = view(LegalAcceptanceRequest, {
  of: legalAcceptanceRequest,
  on: {
    LegalAcceptanceReRequested: ({ data, actor, reasonCode }) => ({
      ...data,
      versionOrder: versionOrder(data.documentVersion),
      reasonCode,
      requestedById: actor.id,
    }),
  },
})
