import { InputType } from 'type-graphql'
import type { LegalDocument } from '#shared/events/accounts.js'
import { flag, given, oneOf, text } from '#shared/fields.js'
import { type Filter, where } from '#shared/loader.js'
import { edge, listOf, listOn } from '#shared/queries.js'
import { READERS } from '#shared/roles.js'
import { LegalDocumentKind, outstandingOf, STILL_OPEN, unanswered } from './legal-documents.js'
import { LegalAcceptance } from './views/legal-acceptance.js'
import { LegalAcceptanceRequest } from './views/legal-acceptance-request.js'
import { User } from './views/user.js'

@InputType('LegalAcceptanceFilter', { description: 'Which acceptances.' })
export class LegalAcceptanceFilter {
  @given('User', 'Those of this user.', { nullable: true })
  userId?: string | null

  @oneOf(LegalDocumentKind, 'Those of this document.', { nullable: true })
  documentKind?: LegalDocument | null

  @text('Those of this version of it.', { nullable: true, max: 60 })
  documentVersion?: string | null

  @flag('Those that were taken back, or that stand.', { nullable: true })
  withdrawn?: boolean | null
}

const acceptancesWhere = (filter: Partial<LegalAcceptanceFilter>): Filter =>
  where(
    ['user_id = ?', filter.userId],
    ['document_kind = ?', filter.documentKind],
    ['document_version = ?', filter.documentVersion],
    ['(withdrawn_at is not null) = ?', filter.withdrawn],
  )

@InputType('LegalAcceptanceRequestFilter', { description: 'Which requests to accept something.' })
export class LegalAcceptanceRequestFilter {
  @given('User', 'Those of this user.', { nullable: true })
  userId?: string | null

  @oneOf(LegalDocumentKind, 'Those for this document.', { nullable: true })
  documentKind?: LegalDocument | null

  @flag('Those that somebody still has to answer, or that all have answered.', { nullable: true })
  outstanding?: boolean | null
}

const requestsWhere = (filter: Partial<LegalAcceptanceRequestFilter>): Filter =>
  where(
    ['user_ids @> array[?]::text[]', filter.userId],
    ['document_kind = ?', filter.documentKind],
    [`(${STILL_OPEN}) = ?`, filter.outstanding],
  )

/** A18. */
export const legalQueries = [
  listOf({
    name: 'legalAcceptances',
    type: LegalAcceptance,
    description: 'What users accepted and consented to, the newest first.',
    filter: LegalAcceptanceFilter,
    where: acceptancesWhere,
    allow: READERS,
  }),
  listOf({
    name: 'legalAcceptanceRequests',
    type: LegalAcceptanceRequest,
    description: 'What users were asked to accept anew, the newest first.',
    filter: LegalAcceptanceRequestFilter,
    where: requestsWhere,
    allow: READERS,
  }),
  edge(User, 'legalAcceptances', LegalAcceptance, 'userId', 'What they accepted and consented to.'),
  listOn(User, {
    name: 'outstandingLegalAcceptances',
    type: LegalAcceptanceRequest,
    description: 'What they were asked to accept and have not accepted since.',
    where: outstandingOf,
  }),
  listOn(LegalAcceptanceRequest, {
    name: 'outstanding',
    type: User,
    description: 'Who has not accepted it since.',
    where: unanswered,
    allow: READERS,
  }),
]
