import { GraphQLError } from 'graphql'
import { registerEnumType } from 'type-graphql'
import { howToGet, type Missing, missing, missingFor } from '#shared/grants.js'
import type { Identity } from '#shared/identity.js'
import type { Access } from '#shared/permissions.js'
import type { Permission } from '#shared/roles.js'

/** Every code a refusal may carry, and what it means. A closed list: `docs/errors.md` prints it. */
export const REFUSALS = {
  NOT_FOUND: 'There is no such entity, or it is not yours to see.',
  ALREADY_EXISTS: 'It is there already.',
  INVALID: 'A value has the wrong form.',
  NOT_POSITIVE: 'An amount has to be more than nothing.',
  UNBALANCED: 'Debit and credit differ.',
  CURRENCY_MISMATCH: 'Amounts of two currencies cannot be mixed.',
  REFUND_EXCEEDS_PAYMENT: 'More than what is left of the payment.',
  EXCEEDS_CLAIM: 'More than what the claim is about, or than what is still owed on it.',
  NOT_PAID: 'Nothing was paid, so nothing can be given back.',
  ALREADY_SENT: 'It has left already, and cannot be called back.',
  ALREADY_SHIPPED: 'A shipment has left already.',
  INVALID_STATE: 'Its present state does not allow this.',
  ALREADY_ASSIGNED: 'Somebody else was quicker.',
  NOT_ASSIGNABLE: 'They cannot be given this work: they left, or their roles do not take it.',
  MISSING_PERMISSION: 'It takes a permission of its own, besides the role; the facts say who grants it.',
  CLOSE_TOO_EARLY: 'The customer has neither confirmed nor kept silent for long enough.',
  CONFLICT: 'It changed meanwhile: read it again, then decide again.',
  IDEMPOTENCY_MISMATCH: 'The same idempotency key was used with another input.',
  IDEMPOTENCY_KEY_REQUIRED: 'This action wants an idempotency key, because doing it twice does harm.',
  SAME_PERSON: 'Nobody approves what they asked for themselves.',
  NOT_RECIPIENT: 'Only whom it was sent to can do this.',
  NOT_REQUESTER: 'Only who asked for it can take it back.',
  APPROVAL_NOT_PENDING: 'This approval was decided, withdrawn or ran out already.',
  ABOVE_APPROVAL_LIMIT: 'More than this approver may approve; somebody else has to.',
  UNCHANGED: 'It is so already.',
  REQUESTER_LOST_ROLE: 'Who asked for it may no longer ask for it.',
  STEP_UP_REQUIRED: 'Sign in again first: this action wants a recent proof of who you are.',
  LAST_SUPER_ADMIN: 'The last Super Admin cannot be removed.',
  TOO_LARGE: 'A file is larger than what is taken.',
  NOT_A_MEMBER: 'An account and a customer were named of whom neither belongs to the other.',
  NOT_PARTICIPANT:
    'It is for those who take part in the case, and for roles that the facts or the message name.',
  LEGAL_HOLD: 'A legal hold keeps it from being erased.',
  HANDOFF_INCOMPLETE: 'What is handed over lacks something that whoever gets it needs; the facts say what.',
  RECIPIENT_MAY_NOT:
    'Whom it is handed to may not do what is said to come next; the facts say who may, or how they ask.',
  NOT_OFFERED: 'This installation does not offer it.',
  CHALLENGE_FAILED: 'Whoever asks did not show that they are a person; the facts say what was said of it.',
  CHALLENGE_UNAVAILABLE: 'Whether a person asks could not be checked just now.',
  RATE_LIMITED: 'It was done too often within an hour; the facts say when to try again.',
  TOO_MANY: 'More items than one call takes.',
  NOT_UNWOUND: 'The ledger still holds shares of an order that was given back.',
  CARRIER_UNSURE: 'The carrier could not say where a parcel is.',
  UNKNOWN_REFERENCE: 'It refers to something that was never recorded.',
} as const

export type RefusalCode = keyof typeof REFUSALS
export const RefusalCodeEnum = Object.fromEntries(Object.keys(REFUSALS).map(code => [code, code])) as {
  [K in RefusalCode]: K
}
registerEnumType(RefusalCodeEnum, {
  name: 'RefusalCode',
  description: 'Why an action was refused.',
  valuesConfig: Object.fromEntries(
    Object.entries(REFUSALS).map(([code, description]) => [code, { description }]),
  ),
})

/** A refusal is an answer, not a failure: it reaches the caller as a `userErrors` entry, and nothing was changed. */
export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly field: string | null = null,
    readonly facts: Record<string, unknown> | null = null,
    /** What else is wrong with the same input. */
    readonly others: readonly Refusal[] = [],
  ) {
    super(message)
  }
}

/**
 * Stops an action. `field` is the path inside the input (`amount`, `records.3.email`), `facts` what the caller needs to do better.
 */
export function refuse(
  code: RefusalCode,
  message: string,
  field?: string,
  facts?: Record<string, unknown>,
): never {
  throw new Refusal(code, message, field ?? null, facts ?? null)
}

/**
 * Stops for want of a permission besides the role (D59).
 * @throws Refusal MISSING_PERMISSION that names it, who can grant it, and how to ask
 */
export function refuseMissing(permission: Permission, what: string, field?: string): never {
  const lacking = missing(permission)
  refuse('MISSING_PERMISSION', `${what} takes ${permission}. ${howToGet(lacking)}`, field, { ...lacking })
}

/** What opens something, in a sentence; for who could be granted it, with who grants it. */
export const requires = (
  what: string,
  allow: readonly Access[],
  grantable: readonly Missing[] = [],
): string => [`${what} requires one of: ${allow.join(', ')}.`, ...grantable.map(howToGet)].join(' ')

/**
 * A permission failure: a top-level error that names who may (architecture 2), and what could be granted to who asked (D59).
 * @param bearer who asked; left out where nothing could be granted
 */
export function forbidden(
  what: string,
  allow: readonly Access[],
  bearer: Pick<Identity, 'roles'> = { roles: [] },
): GraphQLError {
  const grantable = missingFor(allow, bearer)
  return new GraphQLError(requires(what, allow, grantable), {
    extensions: { code: 'FORBIDDEN', requires: allow, ...(grantable.length ? { missing: grantable } : {}) },
  })
}

export const unauthenticated = (
  message = 'Sign in first: send "Authorization: Bearer <token>".',
): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } })
