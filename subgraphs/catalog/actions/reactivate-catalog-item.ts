import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { catalogItem } from '../catalog-item.js'
import { CatalogItem } from '../views/catalog-item.js'

@InputType('ReactivateCatalogItemInput', { description: 'Which item.' })
export class ReactivateCatalogItemInput extends ActionInput {
  @given('CatalogItem', 'The item, which is deprecated.')
  catalogItemId!: string
}

/** E21. */
export const reactivateCatalogItem = action({
  name: 'reactivateCatalogItem',
  description: 'Lets an item be listed again that was deprecated.',
  input: ReactivateCatalogItemInput,
  risk: 'SENSITIVE',
  reasons: { AVAILABLE_AGAIN: 'It is made again.', MISTAKE: 'It should not have been deprecated.' },

  on: catalogItem,
  target: input => input.catalogItemId,

  allow: [Role.CATALOG_ADMIN],

  decide({ status }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such item.', 'catalogItemId')
    if (status !== 'DEPRECATED') refuse('INVALID_STATE', 'It is not deprecated.', 'catalogItemId', { status })
    return { type: 'CatalogItemReactivated', data: {} }
  },

  emits: ['CatalogItemReactivated'],
  returns: { catalogItem: CatalogItem },
})
