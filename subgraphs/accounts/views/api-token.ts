import { Row } from '#shared/entity.js'
import { entity, instant, oneOf, several, text } from '#shared/fields.js'
import { READERS, type Scope } from '#shared/roles.js'
import { states } from '#shared/states.js'
import type { TokenKind } from '#shared/token.js'
import { view } from '#shared/view.js'
import { apiToken } from '../api-token.js'

export const ApiTokenKind = states('ApiTokenKind', 'Whose hands a token is for.', {
  PERSONAL: 'A member of staff, for scripts of their own.',
  INTEGRATION: 'A machine.',
})

/** How a token begins, `ops_pat_…`, by its kind. */
export const KIND_OF_TOKEN = { pat: 'PERSONAL', int: 'INTEGRATION' } as const satisfies Partial<
  Record<TokenKind, string>
>

/** The gateway knows it by its digest in `access.token`, which a trigger keeps (migrations/0001-initial.sql). */
@entity('ApiToken', {
  description: 'A key to the API, known by its first letters; its secret is kept nowhere.',
  allow: READERS,
  schema: 'accounts',
  prefix: 'tok',
})
export class ApiToken extends Row {
  @oneOf(ApiTokenKind, 'Whose hands it is for.')
  kind!: keyof typeof ApiTokenKind

  @text('What it is for, in words of who made it.')
  name!: string

  @text('First letters of its secret, to recognise it by.')
  prefix!: string

  @text('Who acts with it: open with node(id).')
  personId!: string

  @several(String, 'What it may be used for; none for a person, who acts in their roles.')
  scopes!: Scope[]

  @instant('When it ends (UTC).')
  expiresAt!: Date

  @instant('When it was ended before that (UTC).', { nullable: true })
  revokedAt!: Date | null

  @text('SHA-256 of the whole token, in hex.', { hidden: true, nullable: true })
  digest!: string | null
}

export const apiTokens = view(ApiToken, {
  of: apiToken,
  on: {
    TokenIssued: ({ data }) => ({
      ...data,
      kind: KIND_OF_TOKEN[data.kind],
      scopes: data.scopes as Scope[],
      expiresAt: new Date(data.expiresAt),
      digest: data.digest ?? null,
    }),
    TokenRevoked: ({ occurredAt }) => ({ revokedAt: occurredAt }),
  },
})
