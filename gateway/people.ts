import type { DataSource } from 'typeorm'
import type { Grants } from '#shared/grants.js'
import type { Identity, PersonKind } from '#shared/identity.js'
import { Role, SCOPES, type Scope, STAFF } from '#shared/roles.js'
import { type ParsedToken, sameDigest, type TokenKind } from '#shared/token.js'

/** How long what was read of a person or token is believed: a revocation bites within 2 s. */
const BELIEVED_MS = 1_000
const KEPT = 10_000

/** What the database says of a person, now. */
export interface Person {
  id: string
  kind: PersonKind
  name: string
  roles: readonly Role[]
  scopes: readonly Scope[]
  /** Also such as ended meanwhile: whoever believes a row for a while looks at the clock each time. */
  grants: Grants
  orgIds: readonly string[]
  epoch: number
  disabled: boolean
}

/** What the database says of a token, now. */
export interface TokenRow {
  id: string
  personId: string
  kind: TokenKind
  scopes: readonly Scope[]
  expiresAt: Date
  revoked: boolean
}

interface PersonRow {
  id: string
  kind: PersonKind | null
  name: string | null
  roles: string[] | null
  scopes: string[] | null
  permissions: Grants | null
  epoch: number | null
  disabled: boolean
  orgs: string[] | null
  member: boolean
}

const PERSON = `
  select wanted.id, p.kind, p.name, p.roles, p.scopes, p.permissions, p.epoch, p.disabled_at is not null as disabled,
         m.orgs, coalesce(m.member, false) as member
    from (select $1::text as id) wanted
    left join access.person p on p.id = wanted.id
    left join lateral (
      select array_agg(org_id) filter (where role = 'OWNER' or support_access) as orgs, count(*) > 0 as member
        from access.membership where user_id = wanted.id) m on true`

const TOKEN = `
  select id, person_id, kind, digest, scopes, expires_at, revoked_at is not null as revoked
    from access.token where digest = $1`

/** Minutes are enough to tell a used token from a forgotten one, and spare a write on each request. */
const TOUCH = `
  update access.token set last_used_at = date_trunc('minute', now())
   where id = $1 and (last_used_at is null or last_used_at < date_trunc('minute', now()))`

const STAFF_ROLES: readonly string[] = [...STAFF, Role.AUDITOR]

/** Requesters and machines have their one role by what they are; staff have what was granted to them (X21). */
const rolesFor = (kind: PersonKind, granted: readonly string[]): Role[] => {
  if (kind === 'REQUESTER') return [Role.REQUESTER]
  if (kind === 'INTEGRATION') return [Role.INTEGRATION]
  return granted.filter((role): role is Role => STAFF_ROLES.includes(role))
}

const scopesOf = (names: readonly string[]): Scope[] => SCOPES.filter(scope => names.includes(scope))

/** A customer whom the marketplace named in a membership only is a requester as well. */
function toPerson(row: PersonRow): Person | null {
  const kind = row.kind ?? (row.member ? 'REQUESTER' : null)
  if (!kind) return null
  return {
    id: row.id,
    kind,
    name: row.name ?? row.id,
    roles: rolesFor(kind, row.roles ?? []),
    scopes: scopesOf(row.scopes ?? []),
    grants: row.permissions ?? {},
    orgIds: row.orgs ?? [],
    epoch: row.epoch ?? 1,
    disabled: row.disabled,
  }
}

/** Remembers promises, so that a burst of requests of one person is one query. */
class Briefly<T> {
  readonly #entries = new Map<string, { at: number; value: Promise<T> }>()

  get(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key)
    const now = performance.now()
    if (known && now - known.at < BELIEVED_MS) return known.value
    if (this.#entries.size >= KEPT) this.#entries.clear()
    const value = read()
    this.#entries.set(key, { at: now, value })
    value.catch(() => this.#entries.delete(key))
    return value
  }
}

/** Reads who somebody is from the database, at most once a second for each. Roles never come from a token. */
export class People {
  readonly #byId = new Briefly<Person | null>()
  readonly #bySubject = new Briefly<string | null>()
  readonly #tokens = new Briefly<TokenRow | null>()
  readonly #touched = new Map<string, number>()

  constructor(readonly db: DataSource) {}

  /** @returns null when nobody has this id */
  byId(id: string): Promise<Person | null> {
    return this.#byId.get(id, async () => {
      const [row] = await this.db.query<PersonRow[]>(PERSON, [id])
      return row ? toPerson(row) : null
    })
  }

  /** The id of the person whom the identity provider calls `subject`. */
  idOfSubject(subject: string): Promise<string | null> {
    return this.#bySubject.get(subject, async () => {
      const [row] = await this.db.query<{ id: string }[]>('select id from access.person where subject = $1', [
        subject,
      ])
      return row?.id ?? null
    })
  }

  token(parsed: ParsedToken): Promise<TokenRow | null> {
    return this.#tokens.get(parsed.digest.toString('base64'), async () => {
      const [row] = await this.db.query<TokenColumns[]>(TOKEN, [parsed.digest])
      return row && sameDigest(row.digest, parsed.digest) ? toToken(row) : null
    })
  }

  /** Notes that a token was used. Never delays or fails the request. */
  touch(tokenId: string): void {
    const minute = Math.floor(Date.now() / 60_000)
    if (this.#touched.get(tokenId) === minute) return
    if (this.#touched.size >= KEPT) this.#touched.clear()
    this.#touched.set(tokenId, minute)
    this.db.query(TOUCH, [tokenId]).catch(() => this.#touched.delete(tokenId))
  }

  /**
   * Which of these callers may go on as they are: not disabled, token not revoked, nothing of theirs changed. One query for
   * all sockets of the process.
   * @returns the indexes of those who have to be looked at again
   */
  async changed(identities: readonly Identity[]): Promise<Set<number>> {
    const rows = await this.db.query<{ n: string }[]>(CHANGED, [
      identities.map(identity => identity.personId),
      identities.map(identity => identity.epoch),
      identities.map(identity => identity.tokenId ?? ''),
    ])
    return new Set(rows.map(row => Number(row.n) - 1))
  }
}

const CHANGED = `
  select asked.n
    from unnest($1::text[], $2::int[], $3::text[]) with ordinality as asked (person_id, epoch, token_id, n)
    left join access.person p on p.id = asked.person_id
    left join access.token t on t.id = asked.token_id
   where p.disabled_at is not null or coalesce(p.epoch, 1) <> asked.epoch
      or t.revoked_at is not null or t.expires_at < now()`

interface TokenColumns {
  id: string
  person_id: string
  kind: TokenKind
  digest: Buffer
  scopes: string[]
  expires_at: Date
  revoked: boolean
}

const toToken = (row: TokenColumns): TokenRow => ({
  id: row.id,
  personId: row.person_id,
  kind: row.kind,
  scopes: scopesOf(row.scopes),
  expiresAt: row.expires_at,
  revoked: row.revoked,
})
