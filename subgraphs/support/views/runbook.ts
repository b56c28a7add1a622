import { Row } from '#shared/entity.js'
import { entity, instant, ref, several, text } from '#shared/fields.js'
import { IdentifierKind } from '#shared/identifier.js'
import { READERS } from '#shared/roles.js'
import { view } from '#shared/view.js'
import { runbook } from '../desk/runbook.js'
import { StaffMember } from '../stubs.js'

@entity('Runbook', {
  description: 'A guide for staff, which knows when it has to be read again (A5).',
  allow: READERS,
  schema: 'support',
  prefix: 'rbk',
})
export class Runbook extends Row {
  @text('Its short name.', { find: IdentifierKind.SLUG })
  slug!: string

  @text('Its title.', { find: IdentifierKind.NAME })
  title!: string

  @text('Who looks after it.')
  owner!: string

  @text('The guide: Markdown.', { multiline: true })
  body!: string

  @text('How often it is reviewed, e.g. Monthly.')
  reviewCadence!: string

  @instant('When it has to have been read again (UTC).')
  nextReviewAt!: Date

  @instant('When it was written last (UTC).')
  writtenAt!: Date

  @instant('When it was reviewed last (UTC).', { nullable: true })
  reviewedAt!: Date | null

  @ref(() => StaffMember, 'Who reviewed it last.', { nullable: true, as: 'reviewedBy' })
  reviewedById!: string | null

  @text('What they wrote about it.', { nullable: true, multiline: true })
  reviewNote!: string | null

  @several(String, 'Short names of other guides that belong to it, written already or not.')
  relatedSlugs!: string[]
}

export const runbooks = view(Runbook, {
  of: runbook,
  on: {
    RunbookSaved: ({ data, occurredAt }) => ({
      ...data,
      nextReviewAt: data.nextReviewAt as unknown as Date,
      writtenAt: occurredAt,
    }),
    RunbookReviewed: ({ data, occurredAt, actor, note }) => ({
      nextReviewAt: data.nextReviewAt as unknown as Date,
      reviewedAt: occurredAt,
      reviewedById: actor.id,
      reviewNote: note,
    }),
  },
})
