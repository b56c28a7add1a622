import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { versionOrder } from '#subgraphs/accounts/legal-documents.js'
import { idOf, type Json, type Person, until, World } from '../kit/world.js'

/** What users accepted, and what they are asked to accept anew (A18, B36). */
describe('legal acceptances', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let eve: Person
  const [EVE, MAX] = [idOf('usr', 'eve'), idOf('usr', 'max')]

  beforeAll(async () => {
    world = await World.open('legal')
    people = await world.people()
    const { shop } = people
    const user = (externalId: string) => ({
      source: 'shop',
      externalId,
      name: externalId,
      email: `${externalId}@lamps.example`,
    })
    await shop.record('users', [user('eve'), user('max')])
    const members = [{ user: 'eve', role: 'OWNER' }, { user: 'max' }]
    await shop.record('organizations', [{ source: 'shop', externalId: 'lamps', name: 'Lamps', members }])
    eve = await world.person(EVE)
  })
  afterAll(() => world?.close())

  const accepted = (externalId: string, more: Json = {}) => ({
    source: 'shop',
    externalId,
    user: 'eve',
    documentKind: 'TERMS',
    documentVersion: '1.9',
    acceptedAt: '2026-03-01T10:00:00.000Z',
    surface: 'checkout',
    ...more,
  })
  const FIELDS =
    'nodes { user { id } documentKind documentVersion acceptedAt surface choices withdrawnAt } totalCount'
  const listed = async (filter: Json): Promise<Json> =>
    (
      await people.sam.ask(
        `query ($f: LegalAcceptanceFilter) { legalAcceptances(filter: $f) { ${FIELDS} } }`,
        { f: filter },
      )
    ).legalAcceptances
  const outstanding = async (who: Person, id: string): Promise<string[]> =>
    (
      await who.ask(
        'query ($id: ID!) { user(id: $id) { outstandingLegalAcceptances { nodes { documentKind documentVersion } } } }',
        { id },
      )
    ).user.outstandingLegalAcceptances.nodes.map((one: Json) => `${one.documentKind} ${one.documentVersion}`)
  const reRequest = (who: Person, input: Json) =>
    who.act(
      'reRequestLegalAcceptance',
      { documentKind: 'TERMS', reason: 'DOCUMENT_CHANGED', ...input },
      'legalAcceptanceRequest { id outstanding { nodes { id } } requestedBy { id } reasonCode }',
    )

  test('are recorded with version, time, surface and choices, and taken back', async () => {
    const { shop } = people
    const cookies = {
      documentKind: 'COOKIE_CONSENT',
      documentVersion: '3',
      surface: 'banner',
      choices: ['ESSENTIAL', 'ANALYTICS'],
    }
    const batch = [accepted('a1'), accepted('a2', cookies)]
    expect(await shop.record('legalAcceptances', batch)).toMatchObject({ created: 2, problems: [] })
    expect(await shop.record('legalAcceptances', batch)).toMatchObject({ unchanged: 2 })
    const [consent] = (await listed({ userId: EVE, documentKind: 'COOKIE_CONSENT' })).nodes
    expect(consent).toEqual({
      user: { id: EVE },
      documentKind: 'COOKIE_CONSENT',
      documentVersion: '3',
      acceptedAt: '2026-03-01T10:00:00.000Z',
      surface: 'banner',
      choices: ['ESSENTIAL', 'ANALYTICS'],
      withdrawnAt: null,
    })
    const withdrawnAt = '2026-03-02T10:00:00.000Z'
    await shop.record('legalAcceptances', [accepted('a2', { ...cookies, withdrawnAt })])
    expect((await listed({ withdrawn: true })).nodes).toMatchObject([{ withdrawnAt }])
    const { problems } = await shop.record('legalAcceptances', [
      accepted('b1', { ...cookies, choices: ['ANALYTICS'] }),
      accepted('b2', { choices: ['ESSENTIAL'] }),
      accepted('b3', { withdrawnAt: '2026-02-01T10:00:00.000Z' }),
    ])
    expect(problems.map(({ field }: Json) => field)).toEqual(['choices', 'choices', 'withdrawnAt'])
    expect(
      (await people.sam.send('mutation { recordLegalAcceptances(records: []) { created } }')).errors?.[0],
    ).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })

  test('lie with the user, their timeline and the omnibox; customers see their own', async () => {
    const own = `query ($id: ID!) { user(id: $id) { legalAcceptances { ${FIELDS} } } }`
    expect((await eve.ask(own, { id: EVE })).user.legalAcceptances.totalCount).toBe(2)
    const max = await world.person(MAX)
    await people.shop.record('legalAcceptances', [accepted('acceptance-7f31', { user: 'max' })])
    expect((await max.ask(own, { id: EVE })).user).toBeNull()
    expect((await max.send('{ legalAcceptances { totalCount } }')).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    )
    const { user, omnibox } = await people.sam.ask(
      `query ($id: ID!) { user(id: $id) { timeline { nodes { type } } }
         omnibox(query: "acceptance-7f31", first: 10) { nodes { entityType } } }`,
      { id: EVE },
    )
    expect(user.timeline.nodes).toContainEqual({ type: 'LegalAcceptanceRecorded' })
    expect(omnibox.nodes).toContainEqual({ entityType: 'LEGAL_ACCEPTANCE' })
  })

  test('are asked for anew by a Super Admin, and stay outstanding until that version or a newer one comes', async () => {
    const { ada, sam, shop } = people
    const input = { userIds: [EVE, MAX], documentVersion: '1.10' }
    const { errors } = await sam.send(
      'mutation ($input: ReRequestLegalAcceptanceInput!) { reRequestLegalAcceptance(input: $input) { replayed } }',
      { input: { ...input, documentKind: 'TERMS', reason: 'DOCUMENT_CHANGED' } },
    )
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', requires: ['SUPER_ADMIN'] })
    const { legalAcceptanceRequest: asked, events, userErrors } = await reRequest(ada, input)
    expect(userErrors).toEqual([])
    expect(events).toMatchObject([{ type: 'LegalAcceptanceReRequested' }])
    expect(asked).toMatchObject({ requestedBy: { id: ada.id }, reasonCode: 'DOCUMENT_CHANGED' })
    expect(asked.outstanding.nodes.map(({ id }: Json) => id).sort()).toEqual([EVE, MAX].sort())
    for (const id of [EVE, MAX]) expect(await outstanding(sam, id)).toEqual(['TERMS 1.10'])
    expect(await outstanding(eve, EVE)).toEqual(['TERMS 1.10'])
    const { errors: hidden } = await eve.send(
      `{ user(id: "${EVE}") { outstandingLegalAcceptances { nodes { userIds } } } }`,
    )
    expect(hidden?.[0]?.extensions.code).toBe('FORBIDDEN')

    expect((await reRequest(ada, input)).userErrors).toMatchObject([{ code: 'UNCHANGED' }])
    await shop.record('legalAcceptances', [accepted('a3', { documentVersion: '1.9.5' })])
    expect(await outstanding(sam, EVE)).toEqual(['TERMS 1.10'])
    await shop.record('legalAcceptances', [accepted('a4', { documentVersion: 'v1.11' })])
    expect(await outstanding(sam, EVE)).toEqual([])
    expect(await outstanding(sam, MAX)).toEqual(['TERMS 1.10'])
    const open = async (flag: boolean) =>
      (
        await sam.ask(
          'query ($f: LegalAcceptanceRequestFilter) { legalAcceptanceRequests(filter: $f) { totalCount } }',
          { f: { outstanding: flag } },
        )
      ).legalAcceptanceRequests.totalCount
    expect([await open(true), await open(false)]).toEqual([1, 0])
    await shop.record('legalAcceptances', [accepted('m1', { user: 'max', documentVersion: '1.10' })])
    expect([await open(true), await open(false)]).toEqual([0, 1])
    const withdrawnAt = '2026-03-02T10:00:00.000Z'
    await shop.record('legalAcceptances', [
      accepted('m1', { user: 'max', documentVersion: '1.10', withdrawnAt }),
    ])
    expect(await outstanding(sam, MAX)).toEqual(['TERMS 1.10'])
  })

  test('what was accepted before is not enough when it is asked for anew; a whole organization can be asked', async () => {
    const { ada, sam, shop } = people
    const input = { organizationId: idOf('org', 'lamps'), documentVersion: '1.11', reason: 'CONSENT_INVALID' }
    const { userErrors } = await reRequest(ada, input)
    expect(userErrors).toEqual([])
    expect(await outstanding(sam, EVE)).toEqual(['TERMS 1.11'])
    const again = { documentVersion: 'v1.11', acceptedAt: new Date(world.now.getTime() + 1000).toISOString() }
    await shop.record('legalAcceptances', [accepted('a4', again)])
    expect(await outstanding(sam, EVE)).toEqual([])
    const refused = async (more: Json) => (await reRequest(ada, { documentVersion: '9', ...more })).userErrors
    expect(await refused({ userIds: ['usr_none'] })).toMatchObject([{ code: 'UNKNOWN_REFERENCE' }])
    expect(await refused({})).toMatchObject([{ code: 'INVALID' }])
    expect(await refused({ userIds: [EVE], organizationId: idOf('org', 'lamps') })).toMatchObject([
      { code: 'INVALID' },
    ])
    expect(await refused({ organizationId: 'org_none' })).toMatchObject([{ code: 'UNKNOWN_REFERENCE' }])
  })

  const told = async (who: Person): Promise<Json[]> =>
    (
      await who.ask('{ notifications(first: 100) { nodes { template title body aboutIds } } }')
    ).notifications.nodes.filter(({ template }: Json) => template === 'LEGAL_ACCEPTANCE_ASKED')
  const mailed = (id: string) =>
    world.sql<{ recipient_id: string }>(
      `select d.recipient_id from support.message_delivery d join support.notification n on n.id = d.notification_id
        where n.about_ids @> array[$1] and d.channel = 'EMAIL' order by d.recipient_id`,
      [id],
    )

  test('whoever is asked is told once, in the app, and by mail unless they want none', async () => {
    const { ada } = people
    const max = await world.person(MAX)
    const before = (await told(eve)).length
    // Of what was asked before, each told once.
    expect(before).toBe(2)
    expect((await told(eve)).every(({ title }) => title === 'Please accept the terms of service')).toBe(true)
    const choices = [{ topic: 'NEWS', channel: 'EMAIL', on: false }]
    expect((await eve.act('setNotificationPreferences', { choices })).userErrors).toEqual([])
    const input = { userIds: [EVE, MAX], documentKind: 'MARKETING', documentVersion: '3' }
    const { legalAcceptanceRequest: asked } = await reRequest(ada, input)
    for (const who of [eve, max])
      await until(async () => (await told(who)).some(({ aboutIds }) => aboutIds.includes(asked.id)))
    const [notice] = await told(eve)
    expect(notice).toMatchObject({
      title: 'Please tell us whether we may write to you about offers',
      body: expect.stringContaining('There is a new version: 3.'),
    })
    await until(async () => (await mailed(asked.id)).length > 0)
    await reRequest(ada, input)
    const audit = {
      userIds: [EVE, MAX],
      documentKind: 'TERMS',
      documentVersion: '12',
      reason: 'AUDIT_FINDING',
    }
    const { legalAcceptanceRequest: again } = await reRequest(ada, audit)
    await until(async () => (await told(eve)).length === before + 2)
    expect((await told(eve))[0]!.body).toContain('We have to ask you again, for version 12.')
    await until(async () => (await mailed(again.id)).length > 0)
    for (const { id } of [asked, again]) expect(await mailed(id)).toEqual([{ recipient_id: MAX }])
    expect((await told(max)).filter(({ aboutIds }) => aboutIds.includes(asked.id))).toHaveLength(1)
    expect(JSON.stringify(await told(max))).not.toMatch(/AUDIT_FINDING|usr_/)
  })

  test('come by file, too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'opsgraph-legal-')), 'legalAcceptances.csv')
    writeFileSync(
      file,
      `externalId,user,documentKind,documentVersion,acceptedAt,surface,choices
c1,max,cookie consent,4,2026-04-01 10:00:00,banner,essential|analytics
c2,max,terms,2,2026-04-01 10:00:00,settings,
`,
    )
    const { code, said } = await world.command('import', file)
    expect({ code, said }).toMatchObject({ code: 0 })
    expect((await listed({ userId: MAX, documentVersion: '4' })).nodes).toMatchObject([
      { choices: ['ESSENTIAL', 'ANALYTICS'] },
    ])
    expect(await world.command('rebuild')).toMatchObject({ code: 0 })
  })
})

test('versions sort as people count', () => {
  const sorted = ['1.9', 'v1.10', '2', '10', '2026-9-30', '2026-10-01', 'beta']
  expect([...sorted].sort((a, b) => (versionOrder(a) < versionOrder(b) ? -1 : 1))).toEqual(sorted)
})
