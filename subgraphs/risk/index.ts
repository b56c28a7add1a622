import { subgraph } from '#shared/subgraph.js'
import { applyPayoutHold } from './actions/apply-payout-hold.js'
import { clearRiskFlag } from './actions/clear-risk-flag.js'
import { freezeOrg } from './actions/freeze-org.js'
import { raiseRiskFlag } from './actions/raise-risk-flag.js'
import { reinstateListing } from './actions/reinstate-listing.js'
import { releasePayoutHold } from './actions/release-payout-hold.js'
import { takeDownListing } from './actions/take-down-listing.js'
import { unfreezeOrg } from './actions/unfreeze-org.js'
import { queries } from './queries.js'
import { Listing, Organization, User } from './stubs.js'
import { listingTakedowns } from './views/listing-takedown.js'
import { orgFreezes } from './views/org-freeze.js'
import { payoutHolds } from './views/payout-hold.js'
import { riskFlags } from './views/risk-flag.js'

/** Risk flags, and the measures that contain what they warn of. */
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
  ],
  views: [riskFlags, payoutHolds, orgFreezes, listingTakedowns],
  queries,
  extends: [Organization, User, Listing],
})
