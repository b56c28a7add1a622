import { InputType } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import type { Billing, MemberRole } from '#shared/events/accounts.js'
import { flag, instant, oneOf, type Problem, parts, text } from '#shared/fields.js'
import {
  type Following,
  type Identified,
  type IdOf,
  type Recorded,
  RecordInput,
  recording,
} from '#shared/record.js'
import { MembershipRole } from '../views/membership.js'
import { BillingState } from '../views/organization.js'

@InputType('SiteInput', { description: 'A store of an organization.' })
export class SiteInput {
  @text("The marketplace's id of the store.")
  externalId!: string

  @text('Its short name in addresses.', { max: 100 })
  slug!: string

  @text('What it is called.')
  name!: string

  @text('Where it is.', { nullable: true, max: 500 })
  url?: string | null

  @flag('It may not open before somebody approved it; counts when it is recorded for the first time.', {
    default: false,
  })
  awaitsApproval!: boolean

  @text(
    'What was last done to it, in a few words, e.g. theme update: support reads it with the next ticket.',
    {
      nullable: true,
      max: 100,
    },
  )
  change?: string | null

  @instant('When that was done (UTC); now unless said otherwise.', { nullable: true })
  changedAt?: Date | null
}

@InputType('MemberInput', { description: 'What a user is in an organization.' })
export class MemberInput {
  @text('External id of the user.')
  user!: string

  @oneOf(MembershipRole, 'As what.', { default: 'MEMBER' })
  role!: MemberRole

  @flag("May open and read the organization's tickets without owning it.", { default: false })
  supportAccess!: boolean

  @flag('They left; as if they were not listed.', { default: false })
  ended!: boolean
}

@InputType('OrganizationRecordInput', { description: 'An organization with its stores and members.' })
export class OrganizationRecordInput extends RecordInput {
  @text('What it is called.')
  name!: string

  @text('Its short name in addresses.', { nullable: true, max: 100 })
  slug?: string | null

  @text('The plan it pays for.', { nullable: true })
  plan?: string | null

  @oneOf(BillingState, 'Whether its own bills are paid.', { default: 'CURRENT' })
  billingState!: Billing

  @instant('When that was so (UTC).', { nullable: true })
  billingAsOf?: Date | null

  @text('Account at the payment provider, acct_…', { nullable: true })
  stripeAccountId?: string | null

  @parts(() => SiteInput, 'Its stores.', { nullable: true, max: 100 })
  sites?: SiteInput[] | null

  @parts(
    () => MemberInput,
    'All its members: who is not listed has left. Left out: they stay what they were.',
    {
      nullable: true,
      max: 500,
    },
  )
  members?: MemberInput[] | null

  @flag('`members` are only some of them, e.g. because they are more than 500: who is not listed stays.', {
    default: false,
  })
  membersPartial!: boolean
}

const isSlug = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(text)
const SLUG = 'takes letters, digits, dots, dashes and underscores, and begins with a letter or digit'
const isWeb = (url: string): boolean => /^https?:/i.test(url) && URL.canParse(url)

function problemsOf({ slug, stripeAccountId, sites, members }: OrganizationRecordInput): Problem[] {
  const problems: Problem[] = []
  if (slug && !isSlug(slug)) problems.push({ field: 'slug', message: SLUG })
  if (stripeAccountId && !stripeAccountId.startsWith('acct_'))
    problems.push({ field: 'stripeAccountId', message: 'has to begin with acct_' })
  sites?.forEach((site, i) => {
    if (!isSlug(site.slug)) problems.push({ field: `sites.${i}.slug`, message: SLUG })
    if (site.url && !isWeb(site.url))
      problems.push({ field: `sites.${i}.url`, message: 'is not an address that begins with http' })
  })
  members?.forEach(({ user }, i) => {
    if (members.findIndex(other => other.user === user) < i)
      problems.push({ field: `members.${i}.user`, message: `"${user}" is listed twice` })
  })
  return problems
}

const siteOf = (source: string, organizationId: string, site: SiteInput, id: IdOf): Recorded => ({
  stream: { type: 'Site', id: id('sit', site.externalId) },
  event: {
    type: 'SiteRecorded',
    data: {
      source,
      externalId: site.externalId,
      organizationId,
      slug: site.slug,
      name: site.name,
      url: site.url ?? null,
      awaitsApproval: site.awaitsApproval ?? false,
      ...(site.changedAt ? { changedAt: site.changedAt.toISOString() } : {}),
    },
    ...(site.change ? { personal: { change: site.change } } : {}),
    refs: [organizationId],
  },
})

function memberOf(
  record: OrganizationRecordInput,
  organizationId: string,
  member: MemberInput,
  id: IdOf,
): Recorded {
  const externalId = `${record.externalId}/${member.user}`
  const userId = id('usr', member.user)
  return {
    stream: { type: 'Membership', id: id('mbr', externalId) },
    event: {
      type: 'MembershipRecorded',
      data: {
        source: record.source,
        externalId,
        userId,
        organizationId,
        role: member.role ?? 'MEMBER',
        supportAccess: member.supportAccess ?? false,
        ended: member.ended ?? false,
      },
      refs: [userId, organizationId],
    },
  }
}

interface MemberRow {
  user_id: string
  organization_id: string
  external_id: string
  role: MemberRole
  support_access: boolean
}

const leaving = (source: string, row: MemberRow, id: string): Recorded => ({
  stream: { type: 'Membership', id },
  event: {
    type: 'MembershipRecorded',
    data: {
      source,
      externalId: row.external_id,
      userId: row.user_id,
      organizationId: row.organization_id,
      role: row.role,
      supportAccess: row.support_access,
      ended: true,
    },
    refs: [row.user_id, row.organization_id],
  },
})

type Org = Identified<OrganizationRecordInput>

/** Of several records of an organization in a batch the last list that is whole counts, also against those before it. */
function lastLists(records: readonly Org[]): Map<string, Org> {
  const whole = records.filter(({ record }) => record.members && !record.membersPartial)
  return new Map(whole.map(one => [one.id('org', one.record.externalId), one]))
}

/** Who was a member, and is not on the list any more, has left, and sees its tickets no longer (D15). */
async function leavers(tx: EntityManager, records: readonly Org[]): Promise<Following[]> {
  const lists = lastLists(records)
  if (lists.size === 0) return []
  const known: (MemberRow & { id: string })[] = await tx.query(
    `select id, user_id, organization_id, external_id, role, support_access from accounts.membership
      where organization_id = any($1) and not ended`,
    [[...lists.keys()]],
  )
  return [...lists].flatMap(([organizationId, { index, record, id }]) => {
    const listed = new Set(record.members!.map(({ user }) => id('usr', user)))
    const stored = known
      .filter(row => row.organization_id === organizationId && !listed.has(row.user_id))
      .map(row => ({ index, recorded: leaving(record.source, row, row.id) }))
    const before = records
      .filter(one => one.index < index && one.id('org', one.record.externalId) === organizationId)
      .flatMap(one => one.record.members ?? [])
      .filter(({ user }) => !listed.has(id('usr', user)))
      .map(member => ({ index, recorded: memberOf(record, organizationId, { ...member, ended: true }, id) }))
    return [...before, ...stored]
  })
}

/** A10, D14, D15, D20, D21: users may come before or after. */
export const recordOrganizations = recording({
  name: 'recordOrganizations',
  plural: 'organizations',
  description: 'Takes organizations in, with their stores and members.',
  record: OrganizationRecordInput,
  check: problemsOf,
  follows: leavers,
  emits: ['OrganizationRecorded', 'SiteRecorded', 'MembershipRecorded'],
  streams(record, id) {
    const { source, externalId, name } = record
    const organizationId = id('org', externalId)
    return [
      {
        stream: { type: 'Organization', id: organizationId },
        event: {
          type: 'OrganizationRecorded',
          data: {
            source,
            externalId,
            name,
            slug: record.slug ?? null,
            plan: record.plan ?? null,
            billingState: record.billingState ?? 'CURRENT',
            billingAsOf: record.billingAsOf?.toISOString() ?? null,
            stripeAccountId: record.stripeAccountId ?? null,
          },
        },
      },
      ...(record.sites ?? []).map(site => siteOf(source, organizationId, site, id)),
      ...(record.members ?? []).map(member => memberOf(record, organizationId, member, id)),
    ]
  },
})
