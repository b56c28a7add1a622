import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { badInput } from '#shared/connection.js'
import type { Context } from '#shared/context.js'
import type { AttachmentRetention as Retention } from '#shared/events/attachments.js'
import { type Class, oneOf } from '#shared/fields.js'
import { Allow } from '#shared/permissions.js'
import { type RetentionRule as Rule, readPolicyValue } from '#shared/policies.js'
import { READERS } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { states } from '#shared/states.js'
import {
  countPast,
  endings,
  RETENTION_CLASSES,
  RETENTION_POLICIES,
  rulesAt,
} from '../attachments/retention.js'
import { Attachment, AttachmentRetention } from '../views/attachment.js'

/** So many of the files are shown. */
const SHOWN = 100

export const RetentionStart = states('RetentionStart', 'From when a retention counts (E86).', {
  CASE_CLOSED: 'From the last closing of its ticket.',
  UPLOADED: 'From its upload; while its ticket is open it is kept in any case.',
})

@ObjectType('RetentionRule', {
  description: 'How long files of a class are kept (E85): the policy that says so, as it holds now.',
})
@Extensions({ value: true })
export class RetentionRule {
  @oneOf(AttachmentRetention, 'Which files.')
  retention!: Retention

  @Field(() => String, {
    nullable: true,
    description: 'How long, as ISO 8601 writes it, e.g. P2Y. Null: as long as their ticket.',
  })
  period!: string | null

  @oneOf(RetentionStart, 'From when on.')
  countsFrom!: keyof typeof RetentionStart

  @Field(() => Int, { description: 'Counts the changes; 0: what holds from the beginning.' })
  version!: number

  @Field(() => DateTime, { nullable: true, description: 'Since when (UTC); null: from the beginning.' })
  effectiveFrom!: Date | null

  @Field(() => String, {
    description: 'The policy: changed by changePolicy, and policy(key) has its history and what will come.',
  })
  policyKey!: string
}

@InputType('RetentionRuleInput', { description: 'A rule that might hold.' })
export class RetentionRuleInput {
  @oneOf(AttachmentRetention, 'Which files.')
  retention!: Retention

  @Field(() => String, {
    nullable: true,
    description: 'How long, as ISO 8601 writes it, e.g. P2Y. Null: as long as their ticket.',
  })
  period?: string | null

  @oneOf(RetentionStart, 'From when on.')
  countsFrom!: keyof typeof RetentionStart
}

@ObjectType('RetentionPreview', { description: 'What a rule would erase if it held now. Nothing is erased.' })
@Extensions({ value: true })
export class RetentionPreview {
  @Field(() => Int, { description: 'How many files it would erase at once.' })
  erased!: number

  @Field(() => Int, { description: 'How many more a legal hold keeps from that.' })
  held!: number

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the next one after these would be due, as far as tickets are closed now (UTC).',
  })
  nextAt!: Date | null

  @Field(() => [ID], { description: `The files it would erase, by id, longest due first; at most ${SHOWN}.` })
  attachmentIds!: string[]
}

const ruleOf = ({
  retention,
  period = null,
  countsFrom,
}: RetentionRuleInput): Partial<Record<Retention, Rule>> => {
  const read = readPolicyValue(RETENTION_POLICIES[retention], { period, countsFrom })
  if ('message' in read) throw badInput(read.message)
  return { [retention]: read.value as Rule }
}

@Resolver()
class RetentionQueries {
  @Query(() => [RetentionRule], { description: 'How long files are kept, by class (E85, E86).' })
  @Allow(...READERS)
  async retentionRules(@Ctx() { db, services }: Context): Promise<RetentionRule[]> {
    const rules = await rulesAt(db, services.clock())
    return RETENTION_CLASSES.map(retention => {
      const { value, version, effectiveFrom } = rules[retention]
      return { retention, ...value, version, effectiveFrom, policyKey: RETENTION_POLICIES[retention] }
    })
  }

  @Query(() => RetentionPreview, {
    description: 'What a rule would erase if it held now, for whoever thinks of changing one.',
  })
  @Allow(...READERS)
  async retentionPreview(
    @Arg('rule', () => RetentionRuleInput, { description: 'The rule.' }) rule: RetentionRuleInput,
    @Ctx() { db, services }: Context,
  ): Promise<RetentionPreview> {
    const now = services.clock()
    const asked = ruleOf(rule)
    const counted = await countPast(db, asked, now)
    const found = await endings(db, asked, { held: false, limit: counted.erased + 1 })
    const past = found.filter(({ endsAt }) => endsAt <= now)
    return {
      ...counted,
      nextAt: found[past.length]?.endsAt ?? null,
      attachmentIds: past.slice(0, SHOWN).map(({ id }) => id),
    }
  }
}

@Resolver(() => RetentionPreview)
class RetentionPreviewFields {
  @FieldResolver(() => [Attachment], { description: 'The files it would erase, as attachmentIds.' })
  async attachments(
    @Root() { attachmentIds }: RetentionPreview,
    @Ctx() { loaders }: Context,
  ): Promise<Attachment[]> {
    return loaders.many(Attachment, attachmentIds)
  }
}

export const retentionQueries: readonly Class[] = [RetentionQueries, RetentionPreviewFields]
