import { type Beginning, beginStreams } from '#shared/begin.js'
import { DEMO_CUSTOMERS, DEMO_SOURCE } from '#shared/demo-people.js'
import { externalId } from '#shared/id.js'
import { systemIdentity } from '#shared/identity.js'
import { record } from '#shared/record.js'
import { Role, SCOPES, type Scope } from '#shared/roles.js'
import type { Services } from '#shared/services.js'
import { type OrganizationRecordInput, recordOrganizations } from './recordings/organizations.js'
import { recordUsers, type UserRecordInput } from './recordings/users.js'
import { integrations } from './views/integration.js'
import { memberships } from './views/membership.js'
import { organizations } from './views/organization.js'
import { sites } from './views/site.js'
import { staffMembers } from './views/staff-member.js'
import { users } from './views/user.js'

/** Somebody to begin with. Ids are given, so that the same call again knows them. */
export type Newcomer =
  | {
      kind: 'STAFF'
      /** `stf_…`. */
      id: string
      name: string
      email: string
      /** What the identity provider calls them. */
      subject?: string | null
      roles: readonly Role[]
    }
  | {
      kind: 'INTEGRATION'
      /** `svc_…`. */
      id: string
      name: string
      scopes: readonly Scope[]
    }

const staff = (name: string, ...roles: Role[]): Newcomer => {
  const first = name.split(' ')[0]!.toLowerCase()
  return { kind: 'STAFF', id: `stf_${first}`, name, email: `${first}@opsgraph.example`, roles }
}

/** One person for each role, and a second one where a second one has to approve. */
export const DEMO_PEOPLE: readonly Newcomer[] = [
  staff('Sam Okoye', Role.SUPPORT_AGENT),
  staff('Lea Brandt', Role.SUPPORT_LEAD),
  staff('Rita Solano', Role.RISK_AGENT),
  staff('Rolf Nyberg', Role.RISK_AGENT),
  staff('Fay Whitlock', Role.FINANCE_ADMIN),
  staff('Finn Mwangi', Role.FINANCE_ADMIN),
  staff('Cato Lindqvist', Role.CATALOG_ADMIN),
  staff('Ada Moreau', Role.SUPER_ADMIN),
  staff('Otto Kranz', Role.SUPER_ADMIN),
  staff('Aldo Ferri', Role.AUDITOR),
  {
    kind: 'INTEGRATION',
    id: 'svc_shop',
    name: 'Demo shop',
    scopes: SCOPES,
  },
]

/** A customer, and the account that is theirs. */
interface DemoCustomer {
  user: UserRecordInput
  account: OrganizationRecordInput
}

/** As the marketplace would record them: owner of an organization with one store. */
function demoCustomer(name: string, slug: string, organization: string, plan: string): DemoCustomer {
  const first = name.split(' ')[0]!.toLowerCase()
  return {
    user: {
      source: DEMO_SOURCE,
      externalId: first,
      name,
      email: `${first}@${slug}.example`,
      status: 'ACTIVE',
      contactPreference: 'BOTH',
    },
    account: {
      source: DEMO_SOURCE,
      externalId: slug,
      name: organization,
      slug,
      plan,
      billingState: 'CURRENT',
      sites: [
        {
          externalId: `${slug}-shop`,
          slug: `${slug}-shop`,
          name: `${organization.split(' ')[0]} Shop`,
          url: `https://${slug}.example`,
          awaitsApproval: false,
        },
      ],
      members: [{ user: first, role: 'OWNER', supportAccess: true, ended: false }],
      membersPartial: false,
    },
  }
}

/** Two of two accounts: neither sees anything of the other (D14, D15). */
const FIRST = demoCustomer('Rico Vance', 'alpenglow', 'Alpenglow Outfitters', 'business')
const SECOND = demoCustomer('Juno Park', 'harbor', 'Harbor Ceramics', 'starter')

const accountIdOf = ({ account }: DemoCustomer): string => externalId('org', DEMO_SOURCE, account.externalId)

export const DEMO_REQUESTER_ID = DEMO_CUSTOMERS.rico
export const DEMO_ORGANIZATION_ID = accountIdOf(FIRST)
export const DEMO_SECOND_ORGANIZATION_ID = accountIdOf(SECOND)

const bornOf = (person: Newcomer): Beginning =>
  person.kind === 'STAFF'
    ? {
        stream: { type: 'StaffMember', id: person.id },
        event: {
          type: 'StaffHired',
          data: { roles: [...person.roles] },
          personal: {
            name: person.name,
            publicName: person.name.split(' ')[0],
            email: person.email,
            subject: person.subject ?? null,
          },
        },
      }
    : {
        stream: { type: 'Integration', id: person.id },
        event: { type: 'IntegrationRegistered', data: { name: person.name, scopes: [...person.scopes] } },
      }

/**
 * Takes people in who nobody could have hired: the first Super Admin of an installation, and those of a development machine. Leaves
 * the same events as hireStaff, by Opsgraph itself, and does nothing for those who are known, whatever became of them.
 * @returns ids of those who are new
 */
export async function ensureStaff(
  services: Services,
  people: readonly Newcomer[] = DEMO_PEOPLE,
): Promise<string[]> {
  const { db, store } = services
  const created = await db.transaction(async tx => {
    await store.lock(tx, ['bootstrap', 'super-admins'])
    return beginStreams(tx, people.map(bornOf), [staffMembers, integrations], services)
  })
  store.poke(db)
  return created
}

/** Records the demo customer with their organization, as the marketplace would. Changes nothing the second time. */
export const ensureDemoRequester = (services: Services): Promise<void> => ensureCustomer(services, FIRST)

/** Records another one, of another account. */
export const ensureSecondRequester = (services: Services): Promise<void> => ensureCustomer(services, SECOND)

async function ensureCustomer(services: Services, { user, account }: DemoCustomer): Promise<void> {
  const caller = {
    services,
    identity: systemIdentity(Role.SYSTEM),
    requestId: 'bootstrap',
    surface: 'opsgraph',
    site: null,
  }
  await record({ recording: recordUsers, views: [users] }, [{ ...user }], caller)
  await record(
    { recording: recordOrganizations, views: [organizations, sites, memberships] },
    [structuredClone(account)],
    caller,
  )
}
