import type { Filter } from '#shared/loader.js'
import { states } from '#shared/states.js'

export const LegalDocumentKind = states('LegalDocumentKind', 'What users accept or consent to (A18, B36).', {
  TERMS: 'Terms of service.',
  PRIVACY_POLICY: 'How we handle what we know of them.',
  COOKIE_CONSENT: 'Cookies; `choices` says which.',
  SELLER_AGREEMENT: 'What binds sellers.',
  AUCTION_TERMS: 'What binds those who bid.',
  DATA_PROCESSING: 'Processing of their customers’ data for sellers.',
  MARKETING: 'Being written to about offers.',
})

export const ConsentChoice = states('ConsentChoice', 'What somebody consents to with COOKIE_CONSENT (B36).', {
  ESSENTIAL: 'What keeps the product and storefronts working.',
  ANALYTICS: 'Optional: how they are used.',
})

const DIGITS = 12

/**
 * A version as a text that sorts as people count: `v1.10` after `1.9`, `2026-10-01` after `2026-9-30`. Numbers are filled up with zeros, and a
 * `v` before the first one does not count.
 */
export const versionOrder = (version: string): string =>
  version
    .toLowerCase()
    .replace(/^v(?=\d)/, '')
    .replace(/\d+/g, number => number.padStart(DIGITS, '0'))

/**
 * Of a request `r` and a user: no acceptance of that version or a newer one that stands came since it was asked for. One that was recorded
 * before counts only when it was given since.
 */
const OUTSTANDING = (user: string): string => `
  not exists (select from accounts.legal_acceptance a
    where a.user_id = ${user} and a.document_kind = r.document_kind and a.version_order >= r.version_order
      and a.withdrawn_at is null and greatest(a.created_at, a.accepted_at) >= r.created_at)`

/** Requests that a user still has to answer. */
export const outstandingOf = (userId: string): Filter => ({
  where: `id in (select r.id from accounts.legal_acceptance_request r where r.user_ids @> array[$1] and ${OUTSTANDING('$1')})`,
  values: [userId],
})

/** Users who still have to answer a request. */
export const unanswered = (requestId: string): Filter => ({
  where: `id in (select asked.id from accounts.legal_acceptance_request r, unnest(r.user_ids) asked (id)
                  where r.id = $1 and ${OUTSTANDING('asked.id')})`,
  values: [requestId],
})

/** Requests that somebody still has to answer. */
export const STILL_OPEN = `id in (select r.id from accounts.legal_acceptance_request r
  where exists (select from unnest(r.user_ids) asked (id) where ${OUTSTANDING('asked.id')}))`

/** Whom of these nobody need ask, since they are asked for this document already: `$1` users, `$2` kind, `$3` order of the version. */
export const ASKED_ALREADY = `
  select distinct asked.id from accounts.legal_acceptance_request r, unnest(r.user_ids) asked (id)
   where r.user_ids && $1 and asked.id = any($1) and r.document_kind = $2 and r.version_order >= $3 and ${OUTSTANDING('asked.id')}`
