import { Extensions, ObjectType } from 'type-graphql'
import { count, id, instant, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'

/** What every row has. The kernel fills it while folding. */
@ObjectType()
@Extensions({ value: true })
export abstract class Row {
  @id()
  id!: string

  @count('How many events shaped it; give it as `expectedVersion` to act on exactly this state.')
  version!: number

  @instant('When it came to Opsgraph (UTC).')
  createdAt!: Date

  @instant('When it last changed (UTC).')
  updatedAt!: Date
}

/** What every row has that the marketplace recorded. */
@ObjectType()
@Extensions({ value: true })
export abstract class RecordedRow extends Row {
  @text('The system it comes from.', { max: 60 })
  source!: string

  @text("The marketplace's own id of it.", { find: IdentifierKind.EXTERNAL_ID })
  externalId!: string
}
