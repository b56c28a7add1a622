import { subgraph } from '#shared/subgraph.js'
import { applyPayoutHold } from './actions/apply-payout-hold.js'
import { assignTrustCase } from './actions/assign-trust-case.js'
import { clearRiskFlag } from './actions/clear-risk-flag.js'
import { decideTrustCase } from './actions/decide-trust-case.js'
import { freezeOrg } from './actions/freeze-org.js'
import { handOffToTrust } from './actions/hand-off-to-trust.js'
import { issueStrike } from './actions/issue-strike.js'
import { raiseRiskFlag } from './actions/raise-risk-flag.js'
import { reinstateListing } from './actions/reinstate-listing.js'
import { releasePayoutHold } from './actions/release-payout-hold.js'
import { requestOrgFreeze } from './actions/request-org-freeze.js'
import { requestPayoutHold } from './actions/request-payout-hold.js'
import { revokeStrike } from './actions/revoke-strike.js'
import { takeDownListing } from './actions/take-down-listing.js'
import { unfreezeOrg } from './actions/unfreeze-org.js'
import { queries } from './queries.js'
import { strikeForNonFulfilment } from './reactions/strike-for-non-fulfilment.js'
import { Claim, Listing, Order, Organization, Shipment, Ticket, User } from './stubs.js'
import { listingTakedowns } from './views/listing-takedown.js'
import { orgFreezes } from './views/org-freeze.js'
import { payoutHolds } from './views/payout-hold.js'
import { riskFlags } from './views/risk-flag.js'
import { strikes } from './views/strike.js'
import { trustCases } from './views/trust-case.js'

/** Risk flags, the measures that contain what they warn of, strikes, and cases of Trust & Safety. */
export default subgraph({
  name: 'risk',
  actions: [
    raiseRiskFlag,
    clearRiskFlag,
    applyPayoutHold,
    releasePayoutHold,
    freezeOrg,
    unfreezeOrg,
    takeDownListing,
    reinstateListing,
    requestPayoutHold,
    requestOrgFreeze,
    issueStrike,
    revokeStrike,
    handOffToTrust,
    assignTrustCase,
    decideTrustCase,
  ],
  views: [riskFlags, payoutHolds, orgFreezes, listingTakedowns, strikes, trustCases],
  queries,
  extends: [Organization, User, Listing, Order, Claim, Shipment, Ticket],
  reactions: [strikeForNonFulfilment],
})
