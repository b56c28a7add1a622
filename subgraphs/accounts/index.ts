import { subgraph } from '#shared/subgraph.js'
import { accessRequestQueries } from './access-requests.js'
import { approveStore } from './actions/approve-store.js'
import { createAccessRequest } from './actions/create-access-request.js'
import { deactivateStaff } from './actions/deactivate-staff.js'
import { declineAccessRequest } from './actions/decline-access-request.js'
import { grantAccessRequest } from './actions/grant-access-request.js'
import { grantPermission } from './actions/grant-permission.js'
import { grantRole } from './actions/grant-role.js'
import { grantWorkspaceAccess } from './actions/grant-workspace-access.js'
import { hireStaff } from './actions/hire-staff.js'
import { issueToken } from './actions/issue-token.js'
import { reRequestLegalAcceptance } from './actions/re-request-legal-acceptance.js'
import { reactivateStaff } from './actions/reactivate-staff.js'
import { registerIntegration } from './actions/register-integration.js'
import { rejectStore } from './actions/reject-store.js'
import { revokePermission } from './actions/revoke-permission.js'
import { revokeRole } from './actions/revoke-role.js'
import { revokeToken } from './actions/revoke-token.js'
import { revokeWorkspaceAccess } from './actions/revoke-workspace-access.js'
import { settleAccessRequest } from './actions/settle-access-request.js'
import { withdrawAccessRequest } from './actions/withdraw-access-request.js'
import {
  ApiTokenFields,
  membersOfOrganization,
  OrganizationFields,
  SiteFields,
  StaffMemberFields,
  UserFields,
} from './edges.js'
import { legalQueries } from './legal-acceptances.js'
import { MeResolver } from './me.js'
import { queries } from './queries.js'
import { settleAccessRequests } from './reactions/settle-access-requests.js'
import { takeOverGrants } from './reactions/take-over-grants.js'
import { recordLegalAcceptances } from './recordings/legal-acceptances.js'
import { recordOrganizations } from './recordings/organizations.js'
import { recordUsers } from './recordings/users.js'
import { accessRequests } from './views/access-request.js'
import { apiTokens } from './views/api-token.js'
import { integrations } from './views/integration.js'
import { legalAcceptances } from './views/legal-acceptance.js'
import { legalAcceptanceRequests } from './views/legal-acceptance-request.js'
import { memberships } from './views/membership.js'
import { organizations } from './views/organization.js'
import { sites } from './views/site.js'
import { staffMembers } from './views/staff-member.js'
import { users } from './views/user.js'

/** Customers and their organizations; those who work here, machines, and who may do what. */
export default subgraph({
  name: 'accounts',
  actions: [
    hireStaff,
    deactivateStaff,
    reactivateStaff,
    grantRole,
    revokeRole,
    grantPermission,
    revokePermission,
    createAccessRequest,
    grantAccessRequest,
    declineAccessRequest,
    withdrawAccessRequest,
    settleAccessRequest,
    reRequestLegalAcceptance,
    registerIntegration,
    issueToken,
    revokeToken,
    approveStore,
    rejectStore,
    grantWorkspaceAccess,
    revokeWorkspaceAccess,
  ],
  recordings: [recordUsers, recordOrganizations, recordLegalAcceptances],
  views: [
    users,
    organizations,
    sites,
    memberships,
    staffMembers,
    integrations,
    apiTokens,
    accessRequests,
    legalAcceptances,
    legalAcceptanceRequests,
  ],
  queries: [
    ...queries,
    accessRequestQueries,
    ...legalQueries,
    MeResolver,
    UserFields,
    membersOfOrganization,
    OrganizationFields,
    SiteFields,
    StaffMemberFields,
    ApiTokenFields,
  ],
  reactions: [takeOverGrants, settleAccessRequests],
})
