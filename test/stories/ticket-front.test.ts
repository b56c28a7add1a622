import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { idOf, type Json, type Person, World } from '../kit/world.js'

/** Tickets as those try them who build a page on the graph, and those who ask for help (A1–A12, C24, D14–D25). */
describe('tickets at the front', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let olga: Person
  let otto: Person
  let jack: Person
  let mia: Person
  const acme = idOf('org', 'acme')
  const other = idOf('org', 'other')

  beforeAll(async () => {
    world = await World.open('ticket_front')
    people = await world.people()
    const users = ['olga', 'otto', 'jack', 'mia', 'lone'].map(name => ({
      source: 'shop',
      externalId: name,
      name: `${name[0]!.toUpperCase()}${name.slice(1)} Marsh`,
      email: `${name}@shop.example`,
    }))
    expect((await people.shop.record('users', users)).problems).toEqual([])
    const { problems } = await people.shop.record('organizations', [
      {
        source: 'shop',
        externalId: 'acme',
        name: 'Acme',
        members: [
          { user: 'olga', role: 'OWNER' },
          { user: 'otto', role: 'OPERATOR', supportAccess: true },
          { user: 'mia', role: 'MEMBER' },
        ],
      },
      {
        source: 'shop',
        externalId: 'other',
        name: 'Other',
        members: [
          { user: 'jack', role: 'OWNER' },
          { user: 'otto', role: 'MEMBER' },
        ],
      },
    ])
    expect(problems).toEqual([])
    ;[olga, otto, jack, mia] = (await Promise.all(
      ['olga', 'otto', 'jack', 'mia'].map(name => world.person(idOf('usr', name))),
    )) as [Person, Person, Person, Person]
  }, 90_000)
  afterAll(() => world?.close())

  const done = async (who: Person, action: string, input: Json, selection = ''): Promise<Json> => {
    const answer = await who.act(action, input, selection)
    expect({ action, refused: answer.userErrors }).toEqual({ action, refused: [] })
    return answer
  }
  const refused = async (who: Person, action: string, input: Json): Promise<Json[]> =>
    (await who.act(action, input)).userErrors
  const matter = { subject: 'No payout', description: 'It did not come.' }
  const opened = async (who: Person, input: Json = {}): Promise<string> =>
    (await done(who, 'openTicket', { ...matter, ...input }, 'ticket { id }')).ticket.id

  test('what a reference may not show is null, and nothing went wrong', async () => {
    const ticketId = await opened(olga)
    const before = world.output.length
    const list = await otto.send(
      '{ tickets { nodes { id requester { version createdAt status } again: requester { status } organization { name version } } } }',
    )
    expect(list.errors).toBeUndefined()
    expect(list.data!.tickets.nodes).toEqual([
      { id: ticketId, requester: null, again: null, organization: { name: 'Acme', version: 1 } },
    ])
    const theirs = await done(
      people.sam,
      'openTicket',
      { ...matter, organizationId: acme, requesterId: mia.id, visibility: 'PUBLIC' },
      'ticket { id }',
    )
    const one = await mia.send(
      'query ($id: ID!) { ticket(id: $id) { organization { name } requester { status version } } }',
      { id: theirs.ticket.id },
    )
    expect(one.errors).toBeUndefined()
    expect(one.data!.ticket).toMatchObject({ organization: null, requester: { status: 'ACTIVE' } })
    expect(world.output.slice(before)).not.toContain('answered INTERNAL')
    expect((await otto.send('{ tickets { nodes { assignee { name } } } }')).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ])
  })

  test('a body takes what editors and phones put into it, and an answer says which character is refused', async () => {
    const { message } = await done(
      olga,
      'openTicket',
      { subject: 'Lines', description: '\ufeffOne\r\nTwo\u000bCall \u202d+49 30 1234\u202c\rEnd' },
      'message { body }',
    )
    expect(message.body).toBe('One\nTwo\nCall +49 30 1234\nEnd')
    expect(await refused(olga, 'openTicket', { subject: 'Gif \u202efdp', description: 'a\u0007b' })).toEqual([
      {
        code: 'INVALID',
        field: 'subject',
        message: 'subject has U+202E as character 5, which no text takes.',
        facts: { character: 'U+202E', position: 5 },
      },
      {
        code: 'INVALID',
        field: 'description',
        message: 'description has U+0007 as character 2, which no text takes.',
        facts: { character: 'U+0007', position: 2 },
      },
    ])
  })

  test('all that is wrong with an input is said at once', async () => {
    expect(await refused(olga, 'openTicket', { subject: '', description: '' })).toMatchObject([
      { code: 'INVALID', field: 'subject' },
      { code: 'INVALID', field: 'description' },
    ])
  })

  describe('whose a ticket is', () => {
    const whose = 'ticket { organization { id } requester { id } openContext { account { name } } }'
    const input = { ...matter, visibility: 'PUBLIC' }

    test('account and customer belong together', async () => {
      expect(
        await refused(people.sam, 'openTicket', { ...input, requesterId: jack.id, organizationId: acme }),
      ).toMatchObject([
        {
          code: 'NOT_A_MEMBER',
          field: 'organizationId',
          facts: { organizationId: acme, requesterId: jack.id, organizationIds: [other] },
        },
      ])
      await done(people.sam, 'openTicket', { ...input, requesterId: jack.id, organizationId: other })
    })

    test('a customer alone is enough: their only account, none, or which one', async () => {
      const one = await done(people.sam, 'openTicket', { ...input, requesterId: jack.id }, whose)
      expect(one.ticket).toEqual({
        organization: { id: other },
        requester: { id: jack.id },
        openContext: { account: { name: 'Other' } },
      })
      const lone = idOf('usr', 'lone')
      const none = await done(people.sam, 'openTicket', { ...input, requesterId: lone }, whose)
      expect(none.ticket).toMatchObject({ organization: null, requester: { id: lone } })
      expect(await refused(people.sam, 'openTicket', { ...input, requesterId: otto.id })).toMatchObject([
        {
          code: 'INVALID',
          field: 'organizationId',
          message: expect.stringContaining('say which of: '),
          facts: { organizationIds: [acme, other].sort() },
        },
      ])
    })

    test('who has no support access learns that, and who gives it', async () => {
      const permitted = async (who: Person) => (await who.ask('{ me { permissions } }')).me.permissions
      expect(await permitted(olga)).toContain('openTicket')
      expect(await permitted(mia)).not.toContain('openTicket')
      for (const organizationId of [acme, undefined])
        expect(await refused(mia, 'openTicket', { ...matter, organizationId })).toMatchObject([
          {
            code: 'MISSING_PERMISSION',
            field: 'organizationId',
            facts: { organizationId: acme, missing: 'SUPPORT_ACCESS', givenBy: ['OWNER'] },
          },
        ])
      expect(await refused(otto, 'openTicket', { ...matter, organizationId: other })).toMatchObject([
        { code: 'MISSING_PERMISSION' },
      ])
      expect(await refused(mia, 'openTicket', { ...matter, organizationId: other })).toMatchObject([
        { code: 'NOT_FOUND' },
      ])
    })
  })
})
