import type { EntityManager } from 'typeorm'
import type { Caller } from '#shared/context.js'
import { DEMO_CUSTOMERS, DEMO_SOURCE } from '#shared/demo-people.js'
import type { EventDraft, StreamRef } from '#shared/event.js'
import { externalId } from '#shared/id.js'
import { systemIdentity } from '#shared/identity.js'
import { record } from '#shared/record.js'
import { Role, SCOPES, type Scope } from '#shared/roles.js'
import type { Services } from '#shared/services.js'
import { fold } from '#shared/view.js'
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

const SOURCE = DEMO_SOURCE

/** The demo customer, as the marketplace would record them: owner of an organization with one store. */
const REQUESTER: UserRecordInput = {
  source: SOURCE,
  externalId: 'rico',
  name: 'Rico Vance',
  email: 'rico@alpenglow.example',
  status: 'ACTIVE',
  contactPreference: 'BOTH',
}
const ACCOUNT: OrganizationRecordInput = {
  source: SOURCE,
  externalId: 'alpenglow',
  name: 'Alpenglow Outfitters',
  slug: 'alpenglow',
  plan: 'business',
  billingState: 'CURRENT',
  sites: [
    {
      externalId: 'alpenglow-shop',
      slug: 'alpenglow-shop',
      name: 'Alpenglow Shop',
      url: 'https://alpenglow.example',
      awaitsApproval: false,
    },
  ],
  members: [{ user: REQUESTER.externalId, role: 'OWNER', supportAccess: true, ended: false }],
  membersPartial: false,
}

export const DEMO_REQUESTER_ID = DEMO_CUSTOMERS.rico
export const DEMO_ORGANIZATION_ID = externalId('org', SOURCE, ACCOUNT.externalId)

/** Another customer of another account: neither sees anything of the other (D14, D15). */
const SECOND_REQUESTER: UserRecordInput = {
  source: SOURCE,
  externalId: 'juno',
  name: 'Juno Park',
  email: 'juno@harbor.example',
  status: 'ACTIVE',
  contactPreference: 'BOTH',
}
const SECOND_ACCOUNT: OrganizationRecordInput = {
  source: SOURCE,
  externalId: 'harbor',
  name: 'Harbor Ceramics',
  slug: 'harbor',
  plan: 'starter',
  billingState: 'CURRENT',
  sites: [
    {
      externalId: 'harbor-shop',
      slug: 'harbor-shop',
      name: 'Harbor Shop',
      url: 'https://harbor.example',
      awaitsApproval: false,
    },
  ],
  members: [{ user: SECOND_REQUESTER.externalId, role: 'OWNER', supportAccess: true, ended: false }],
  membersPartial: false,
}
export const DEMO_SECOND_ORGANIZATION_ID = externalId('org', SOURCE, SECOND_ACCOUNT.externalId)

const asSystem = (services: Services, requestId: string): Caller => ({
  services,
  identity: systemIdentity(Role.SYSTEM),
  requestId,
  surface: 'opsgraph',
  site: null,
})

const bornOf = (person: Newcomer): { stream: StreamRef; event: EventDraft } =>
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

async function begin(
  tx: EntityManager,
  people: readonly Newcomer[],
  { services, identity, requestId, surface, site }: Caller,
) {
  const { store, clock } = services
  await store.lock(tx, ['bootstrap', 'super-admins'])
  const born = people.map(bornOf)
  const known = await store.versions(
    tx,
    born.map(({ stream }) => stream),
  )
  const fresh = born.filter(({ stream }) => !known.has(`${stream.type}/${stream.id}`))
  if (fresh.length === 0) return []
  const events = await store.append(
    tx,
    fresh.map(({ stream, event }) => ({ stream, expectedVersion: 0, events: [event] })),
    {
      actor: { kind: identity.kind, id: identity.personId, roles: identity.roles, tokenId: null },
      reasonCode: 'BOOTSTRAP',
      requestId,
      correlationId: requestId,
      surface,
      site,
    },
    clock(),
  )
  await fold(tx, [staffMembers, integrations], events)
  return fresh.map(({ stream }) => stream.id)
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
  const created = await db.transaction(tx => begin(tx, people, asSystem(services, 'bootstrap')))
  store.poke(db)
  return created
}

/** Records the demo customer with their organization, as the marketplace would. Changes nothing the second time. */
export const ensureDemoRequester = (services: Services): Promise<void> =>
  ensureCustomer(services, REQUESTER, ACCOUNT)

/** Records another one, of another account. */
export const ensureSecondRequester = (services: Services): Promise<void> =>
  ensureCustomer(services, SECOND_REQUESTER, SECOND_ACCOUNT)

async function ensureCustomer(
  services: Services,
  user: UserRecordInput,
  account: OrganizationRecordInput,
): Promise<void> {
  const caller = asSystem(services, 'bootstrap')
  await record({ recording: recordUsers, views: [users] }, [{ ...user }], caller)
  await record(
    { recording: recordOrganizations, views: [organizations, sites, memberships] },
    [structuredClone(account)],
    caller,
  )
}
