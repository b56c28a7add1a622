import { RecordedRow } from '#shared/entity.js'
import { entity, json, oneOf, ref, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { states } from '#shared/states.js'
import { view } from '#shared/view.js'
import { type CatalogItemState, catalogItem, type CatalogItemStatus as Status } from '../catalog-item.js'

export const CatalogItemStatus = states('CatalogItemStatus', 'Whether an item may be listed (E21).', {
  ACTIVE: 'May be listed.',
  DEPRECATED: 'Should no longer be listed.',
})

@entity('CatalogItem', {
  description: 'Something that can be sold, whoever lists it.',
  allow: READERS,
  schema: 'catalog',
  prefix: 'cit',
})
export class CatalogItem extends RecordedRow {
  @text('What it is called.', { find: IdentifierKind.NAME })
  title!: string

  @text('Who makes it.', { nullable: true })
  brand!: string | null

  @text('What kind of thing it is, in words of the marketplace.', { nullable: true })
  category!: string | null

  @oneOf(CatalogItemStatus, 'Whether it may be listed.')
  status!: Status

  @ref(() => CatalogItem, 'What is to be listed in its place, when it is deprecated.', { nullable: true })
  replacementId!: string | null

  @json('What decisions rest on, as the events left it.', { hidden: true })
  state!: CatalogItemState
}

const standing = (_: unknown, __: unknown, { status, replacementId }: CatalogItemState) => ({
  status: status!,
  replacementId,
})

export const catalogItems = view(CatalogItem, {
  of: catalogItem,
  on: {
    CatalogItemRecorded: ({ data }, row, state) => ({ ...data, ...standing(data, row, state) }),
    CatalogItemDeprecated: standing,
    CatalogItemReactivated: standing,
  },
})
