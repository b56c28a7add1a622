import { InputType } from 'type-graphql'
import { action } from '#shared/action.js'
import { ActionInput } from '#shared/action-input.js'
import { given } from '#shared/fields.js'
import { refuse } from '#shared/refusal.js'
import { Role } from '#shared/roles.js'
import { type CatalogItemStatus, catalogItem } from '../catalog-item.js'
import { CatalogItem } from '../views/catalog-item.js'

@InputType('DeprecateCatalogItemInput', { description: 'Which item, and what stands in for it.' })
export class DeprecateCatalogItemInput extends ActionInput {
  @given('CatalogItem', 'The item.')
  catalogItemId!: string

  @given('CatalogItem', 'What is to be listed in its place; itself not deprecated.', { nullable: true })
  replacementId?: string | null
}

/** E21. */
export const deprecateCatalogItem = action({
  name: 'deprecateCatalogItem',
  description: 'Says that an item should no longer be listed. Listings that exist stay as they are.',
  input: DeprecateCatalogItemInput,
  risk: 'SENSITIVE',
  reasons: {
    DISCONTINUED: 'It is not made any more.',
    DUPLICATE: 'Another item is the same thing.',
    INCORRECT: 'It never existed as described.',
    PROHIBITED: 'It may not be sold.',
  },

  on: catalogItem,
  target: input => input.catalogItemId,
  async prepare({ replacementId }, tx) {
    if (!replacementId) return null
    const [row] = await tx.query('select status from catalog.catalog_item where id = $1', [replacementId])
    return (row?.status ?? null) as CatalogItemStatus | null
  },

  allow: [Role.CATALOG_ADMIN],

  decide({ status }, { replacementId = null }, { targetId, read: replacement }) {
    if (status === null) refuse('NOT_FOUND', 'There is no such item.', 'catalogItemId')
    if (status === 'DEPRECATED') refuse('INVALID_STATE', 'It is deprecated already.', 'catalogItemId')
    if (replacementId === targetId) refuse('INVALID', 'An item cannot stand in for itself.', 'replacementId')
    if (replacementId && replacement === null) refuse('NOT_FOUND', 'There is no such item.', 'replacementId')
    if (replacement === 'DEPRECATED')
      refuse('INVALID_STATE', 'That item is deprecated itself.', 'replacementId')
    return { type: 'CatalogItemDeprecated', data: { replacementId } }
  },

  emits: ['CatalogItemDeprecated'],
  returns: { catalogItem: CatalogItem },
})
