import { ID, InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import type { LegalDocument } from '#shared/events/accounts.js'
import { given, oneOf, several, text } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { legalAcceptanceRequest } from '../legal-acceptance-request.js'
import { ASKED_ALREADY, LegalDocumentKind, versionOrder } from '../legal-documents.js'
import { LegalAcceptanceRequest } from '../views/legal-acceptance-request.js'

/** Most users that one request is for. */
const MOST = 500

@InputType('ReRequestLegalAcceptanceInput', {
  description: 'Who is to accept what anew: userIds, or the members of an organization; one of the two.',
})
export class ReRequestLegalAcceptanceInput extends ActionInput {
  @several(ID, `Users; at most ${MOST}.`, { nullable: true, max: MOST, links: true })
  userIds?: string[] | null

  @given('Organization', 'All who are members of it now.', { nullable: true })
  organizationId?: string | null

  @oneOf(LegalDocumentKind, 'What they are to accept.')
  documentKind!: LegalDocument

  @text('Which version of it; a newer one will do.', { max: 60 })
  documentVersion!: string
}

interface Known {
  /** Whom it is for. */
  users: string[]
  unknown: string[]
  /** Who is asked for it already. */
  asked: string[]
}

async function known(input: ReRequestLegalAcceptanceInput, tx: EntityManager): Promise<Known> {
  const { userIds, organizationId, documentKind, documentVersion } = input
  const named = [...new Set(userIds ?? [])]
  const rows: { id: string }[] = organizationId
    ? await tx.query(
        'select user_id as id from accounts.membership where organization_id = $1 and not ended order by user_id',
        [organizationId],
      )
    : await tx.query('select id from accounts."user" where id = any($1)', [named])
  const there = new Set(rows.map(({ id }) => id))
  const users = organizationId ? [...there] : named
  const asked: { id: string }[] = await tx.query(ASKED_ALREADY, [
    users,
    documentKind,
    versionOrder(documentVersion),
  ])
  return { users, unknown: users.filter(id => !there.has(id)), asked: asked.map(({ id }) => id) }
}

/** A18: open for each user until an acceptance of that version or a newer one is recorded; `outstanding` shows whose are missing. */
export const reRequestLegalAcceptance = action({
  name: 'reRequestLegalAcceptance',
  description:
    'Asks users to accept a version of a document anew. Those who are asked for it already, and have not answered, are not asked twice.',
  input: ReRequestLegalAcceptanceInput,
  risk: 'SENSITIVE',
  reasons: {
    DOCUMENT_CHANGED: 'There is a new version.',
    CONSENT_INVALID: 'What they accepted cannot be shown, or was not given as it has to be.',
    AUDIT_FINDING: 'A review found it missing.',
    LEGAL_REQUEST: 'The law or an authority wants it.',
  },

  on: legalAcceptanceRequest,
  prepare: known,

  allow: [Role.SUPER_ADMIN],

  decide(_, { userIds, organizationId = null, documentKind, documentVersion }, { read }) {
    const { users, unknown, asked } = read
    if (Boolean(userIds?.length) === Boolean(organizationId))
      refuse('INVALID', 'Name userIds, or an organization; one of the two.', 'userIds')
    if (unknown.length)
      refuse('UNKNOWN_REFERENCE', `${unknown[0]} was never recorded as a user.`, 'userIds', { unknown })
    if (users.length === 0) refuse('UNKNOWN_REFERENCE', 'This organization has no members.', 'organizationId')
    const wanted = users.filter(id => !asked.includes(id))
    if (wanted.length === 0)
      refuse('UNCHANGED', 'All of them are asked for it already.', 'userIds', { asked })
    if (wanted.length > MOST)
      refuse('TOO_MANY', `They are ${wanted.length}; one request takes ${MOST}.`, 'organizationId')
    return {
      type: 'LegalAcceptanceReRequested',
      data: { userIds: wanted, organizationId, documentKind, documentVersion },
      refs: wanted,
    }
  },

  emits: ['LegalAcceptanceReRequested'],
  returns: { legalAcceptanceRequest: LegalAcceptanceRequest },
})
