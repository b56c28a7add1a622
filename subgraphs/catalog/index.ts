import { subgraph } from '#shared/subgraph.js'
import { deprecateCatalogItem } from './actions/deprecate-catalog-item.js'
import { reactivateCatalogItem } from './actions/reactivate-catalog-item.js'
import { queries } from './queries.js'
import { recordBids } from './recordings/bids.js'
import { recordListings } from './recordings/listings.js'
import { Organization, User } from './stubs.js'
import { bids } from './views/bid.js'
import { catalogItems } from './views/catalog-item.js'
import { listings } from './views/listing.js'

/** What is sold: catalog items, listings, bids. */
export default subgraph({
  name: 'catalog',
  actions: [deprecateCatalogItem, reactivateCatalogItem],
  recordings: [recordListings, recordBids],
  views: [catalogItems, listings, bids],
  queries,
  extends: [Organization, User],
})
