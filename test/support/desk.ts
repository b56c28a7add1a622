import { DEMO_ORGANIZATION_ID, DEMO_REQUESTER_ID } from '#subgraphs/accounts/bootstrap.js'
import { idOf, type Json, type Person, type World } from '../kit/world.js'

/** The store of the demo account. */
export const STORE = idOf('sit', 'alpenglow-shop', 'demo')
export const STORE_SLUG = 'alpenglow-shop'
export const ACCOUNT = DEMO_ORGANIZATION_ID

type People = Awaited<ReturnType<World['people']>>

/** Staff, two customers of different accounts, and tickets to work on. */
export class Desk {
  private constructor(
    readonly world: World,
    readonly people: People,
    /** Owner of the demo account. */
    readonly rico: Person,
    /** Owner of another account. */
    readonly vera: Person,
  ) {}

  static async at(world: World): Promise<Desk> {
    const people = await world.people()
    const users = [{ source: 'shop', externalId: 'vera', name: 'Vera Lang', email: 'vera@example.com' }]
    await people.shop.record('users', users)
    const organization = {
      source: 'shop',
      externalId: 'vera-store',
      name: 'Vera Store',
      slug: 'vera-store',
      sites: [{ externalId: 'vera-shop', slug: 'vera-shop', name: 'Vera Shop' }],
      members: [{ user: 'vera', role: 'OWNER', supportAccess: true }],
    }
    const { problems } = await people.shop.record('organizations', [organization])
    if (problems.length) throw new Error(JSON.stringify(problems))
    return new Desk(
      world,
      people,
      await world.person(DEMO_REQUESTER_ID),
      await world.person(idOf('usr', 'vera')),
    )
  }

  /** A ticket of the demo account; answers its id. */
  async ticket(more: Json = {}, who: Person = this.people.sam): Promise<string> {
    const own = who.id.startsWith('usr_') ? {} : { visibility: 'PRIVATE' }
    const input = { subject: 'Broken', description: 'It broke.', organizationId: ACCOUNT, ...own, ...more }
    const { ticket, userErrors } = await who.act('openTicket', input, 'ticket { id }')
    if (userErrors.length) throw new Error(JSON.stringify(userErrors))
    return ticket.id
  }

  /** The one refusal of an action that did nothing. */
  async refused(who: Person, action: string, input: Json): Promise<Json> {
    const { userErrors, events } = await who.act(action, input)
    if (events.length || userErrors.length !== 1) throw new Error(JSON.stringify({ userErrors, events }))
    return userErrors[0]
  }

  /** The codes with which the gateway itself refuses a mutation. */
  async forbidden(who: Person, action: string, input: Json): Promise<unknown> {
    const type = `${action[0]!.toUpperCase()}${action.slice(1)}Input`
    const document = `mutation ($input: ${type}!) { ${action}(input: $input) { userErrors { code } } }`
    const { errors } = await who.send(document, { input })
    return errors?.map(error => error.extensions.code)
  }
}
