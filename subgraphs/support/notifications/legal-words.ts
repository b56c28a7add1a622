import type { LegalDocument } from '#shared/events/accounts.js'
import type { Words } from './notification-words.js'

/** What is accepted; of consents that one is free to give, what is asked. */
const DOCUMENTS: Readonly<Record<LegalDocument, { accept: string } | { ask: string }>> = {
  TERMS: { accept: 'the terms of service' },
  PRIVACY_POLICY: { accept: 'the privacy policy' },
  SELLER_AGREEMENT: { accept: 'the seller agreement' },
  AUCTION_TERMS: { accept: 'the auction terms' },
  DATA_PROCESSING: { accept: 'the agreement on data processing' },
  COOKIE_CONSENT: { ask: 'which cookies we may use' },
  MARKETING: { ask: 'whether we may write to you about offers' },
}

/** A18, B36: what users are told of whom a document is asked anew; why beyond a new version is for staff. */
export function legalWords(kind: LegalDocument, version: string, isNew: boolean): Words {
  const document = DOCUMENTS[kind]
  const why = isNew
    ? `There is a new version: ${version}.`
    : `We have to ask you again, for version ${version}.`
  if ('ask' in document)
    return {
      title: `Please tell us ${document.ask}`,
      body: `${why} You say so on the marketplace, as you like.`,
    }
  return {
    title: `Please accept ${document.accept}`,
    body: `${why} Please read ${document.accept} on the marketplace, and accept what you read there when you next use it.`,
  }
}
