import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseToken, tokenDigest } from '#shared/token.js'
import { ensureStaff } from '#subgraphs/accounts/bootstrap.js'
import accounts from '#subgraphs/accounts/index.js'
import { codes, NOW, Office } from './office.js'

let office: Office

beforeAll(async () => {
  office = await Office.open('tokens', [accounts])
  await ensureStaff(office.services)
})
afterAll(() => office?.close())

const own = { name: 'nightly report', scopes: [], expiresInDays: 90, reason: 'AUTOMATION' }
const forShop = { ...own, integrationId: 'svc_shop', scopes: ['records:write', 'read:all'] }
const issue = async (who: string, input: object) => {
  const outcome = await office.act(who, 'issueToken', input)
  return { ...outcome, secret: outcome.rows.secret as string, id: outcome.targetId! }
}
const stored = async (id: string) =>
  (await office.db.query('select * from access.token where id = $1', [id]))[0]
const DAY = 86_400_000

describe('issueToken (security 5.2)', () => {
  test('gives oneself a key, kept as its digest alone', async () => {
    const { secret, id, rows } = await issue('stf_sam', own)
    const parsed = parseToken(secret)!
    expect(parsed.kind).toBe('pat')
    expect(rows.token).toMatchObject({
      kind: 'PERSONAL',
      personId: 'stf_sam',
      prefix: parsed.prefix,
      scopes: [],
      revokedAt: null,
    })
    const row = await stored(id)
    expect(row).toMatchObject({
      kind: 'pat',
      person_id: 'stf_sam',
      prefix: parsed.prefix,
      scopes: [],
      revoked_at: null,
    })
    expect(row.digest.equals(tokenDigest(secret))).toBe(true)
    expect(row.expires_at.getTime()).toBe(NOW.getTime() + 90 * DAY)
  })

  test('gives a machine a key for some of its scopes', async () => {
    const { secret, id } = await issue('stf_ada', forShop)
    expect(parseToken(secret)!.kind).toBe('int')
    expect(await stored(id)).toMatchObject({
      kind: 'int',
      person_id: 'svc_shop',
      scopes: ['records:write', 'read:all'],
    })
  })

  test('writes the secret nowhere in the database', async () => {
    const { secret } = await issue('stf_ada', { ...forShop, idempotencyKey: 'once' })
    const tables = await office.db.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    const holding = async (text: string) => {
      const found = tables.map(async ({ name }: { name: string }) => {
        const rows = await office.owner.query(`select 1 from ${name} t where t::text like $1 limit 1`, [
          `%${text}%`,
        ])
        return rows.length ? [name] : []
      })
      return (await Promise.all(found)).flat()
    }
    expect(await holding(secret.slice(8, 16))).toContain('access.token')
    expect(await holding(secret.slice(12))).toEqual([])
  })

  test('shows the secret once: not in a replay, not in a dry run', async () => {
    const first = await issue('stf_ada', { ...forShop, idempotencyKey: 'again' })
    const second = await issue('stf_ada', { ...forShop, idempotencyKey: 'again' })
    expect(second).toMatchObject({ replayed: true, id: first.id })
    expect(second.secret).toBeUndefined()
    const dry = await issue('stf_ada', { ...forShop, dryRun: true })
    expect(dry.secret).toBeUndefined()
    expect(await stored(dry.id)).toBeUndefined()
  })

  test.each([
    ['no day', { expiresInDays: 0 }, 'expiresInDays'],
    ['more than 366 days', { expiresInDays: 367 }, 'expiresInDays'],
    ['scopes for a person', { scopes: ['read:all'] }, 'scopes'],
  ])('refuses %s', async (_, wrong, field) => {
    expect((await issue('stf_sam', { ...own, ...wrong })).userErrors).toMatchObject([
      { code: 'INVALID', field },
    ])
  })

  test('refuses scopes that the machine does not have, that do not exist, or none', async () => {
    const { targetId } = await office.act('stf_ada', 'registerIntegration', {
      name: 'Mail',
      scopes: ['tickets:reply'],
      reason: 'NEW_SYSTEM',
    })
    const ask = (scopes: string[]) => issue('stf_ada', { ...forShop, integrationId: targetId, scopes })
    expect((await ask(['tickets:reply'])).userErrors).toEqual([])
    for (const scopes of [['records:write'], ['tickets:*'], []])
      expect((await ask(scopes)).userErrors).toMatchObject([{ code: 'INVALID', field: 'scopes' }])
  })

  test('never gives a key of somebody else: machines are for Super Admins, colleagues for nobody', async () => {
    expect(codes(await issue('stf_sam', forShop))).toEqual(['NOT_FOUND'])
    expect(codes(await issue('stf_ada', { ...forShop, integrationId: 'stf_fay' }))).toEqual(['NOT_FOUND'])
    expect(codes(await issue('stf_ada', { ...forShop, integrationId: 'svc_nothing' }))).toEqual(['NOT_FOUND'])
    await expect(issue('svc_shop', own)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })

  test('wants a sign-in: a key cannot make keys', async () => {
    const byToken = await office.identity('stf_sam', { tokenId: 'tok_1', authenticatedAt: 0 })
    expect(codes(await office.act(byToken, 'issueToken', own))).toEqual(['STEP_UP_REQUIRED'])
  })
})

describe('revokeToken', () => {
  test('ends a key and raises the epoch of who holds it', async () => {
    const { id } = await issue('stf_sam', own)
    const { epoch } = await office.person('stf_sam')
    const { rows } = await office.act('stf_sam', 'revokeToken', { tokenId: id, reason: 'LEAKED' })
    expect(rows.token).toMatchObject({ id, revokedAt: NOW })
    expect(await stored(id)).toMatchObject({ revoked_at: NOW })
    expect(await office.person('stf_sam')).toMatchObject({ epoch: epoch + 1 })
    expect(codes(await office.act('stf_sam', 'revokeToken', { tokenId: id, reason: 'LEAKED' }))).toEqual([
      'INVALID_STATE',
    ])
  })

  test('ends one’s own, and for a Super Admin any', async () => {
    const { id } = await issue('stf_sam', own)
    expect(codes(await office.act('stf_lea', 'revokeToken', { tokenId: id, reason: 'UNUSED' }))).toEqual([
      'NOT_FOUND',
    ])
    expect(codes(await office.act('stf_ada', 'revokeToken', { tokenId: id, reason: 'UNUSED' }))).toEqual([])
  })

  test('shows on the timeline of who holds it', async () => {
    const { id } = await issue('stf_rolf', own)
    await office.act('stf_rolf', 'revokeToken', { tokenId: id, reason: 'UNUSED' })
    const events = await office.services.store.byRef(office.db.manager, 'stf_rolf', { first: 5 })
    expect(events.map(({ type }) => type)).toEqual(['TokenRevoked', 'TokenIssued', 'StaffHired'])
  })
})

test('a list of keys says when each was last used, and whose they are', async () => {
  const { id } = await issue('stf_finn', own)
  await office.db.query(`update access.token set last_used_at = '2026-04-22T08:00:00Z' where id = $1`, [id])
  const query = '{ apiTokens { nodes { id lastUsedAt expiresAt } totalCount } }'
  const { data } = await office.ask(await office.identity('stf_finn'), query)
  expect(data.apiTokens).toEqual({
    nodes: [
      {
        id,
        lastUsedAt: '2026-04-22T08:00:00.000Z',
        expiresAt: new Date(NOW.getTime() + 90 * DAY).toISOString(),
      },
    ],
    totalCount: 1,
  })
  const all = await office.ask(await office.identity('stf_aldo'), '{ apiTokens { totalCount } }')
  expect(all.data.apiTokens.totalCount).toBeGreaterThan(1)
  const theirs = await office.ask(
    await office.identity('stf_finn'),
    '{ apiTokens(personId: "stf_sam") { totalCount } }',
  )
  expect(theirs.data.apiTokens.totalCount).toBe(0)
})
