import { Ctx, Extensions, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { badInput } from '#shared/connection.js'
import { consumerLag } from '#shared/consumer.js'
import type { Context } from '#shared/context.js'
import { Allow } from '#shared/permissions.js'
import { deadLetters } from '#shared/reaction.js'
import { Role } from '#shared/roles.js'
import { DateTime } from '#shared/scalars.js'
import { sealedHead } from '#shared/sealed-log.js'
import { states } from '#shared/states.js'
import { verifyLog } from '#shared/verify.js'
import type { Finding } from '#shared/verify-report.js'
import { Event } from './events/event.js'
import { eventById } from './events/read.js'
import { jobId } from './reaction-job.js'

/** Most events that a query verifies; a longer log takes the command line. */
const MAX_VERIFIED = 200_000
const REACTION = 'reaction/'

const ConsumerKind = states('ConsumerKind', 'What somebody follows the log for.', {
  PROJECTION: 'To keep a read model.',
  REACTION: 'To do something about it.',
})

@ObjectType('Consumer', { description: 'Something that follows the log, and how far it has come (E87).' })
@Extensions({ value: true })
class Consumer {
  @Field(() => String, { description: 'Its name.' })
  name!: string

  @Field(() => ConsumerKind, { description: 'What it follows the log for.' })
  kind!: string

  @Field(() => Int, { description: 'The last position it took in.' })
  position!: number

  @Field(() => Int, { description: 'The last position there is.' })
  head!: number

  @Field(() => Int, { description: 'Events still to be looked at; 0 when it has caught up.' })
  lag!: number

  @Field(() => Int, { description: 'Events it could not take in, which were put aside.' })
  parked!: number

  @Field(() => DateTime, { description: 'When it last moved (UTC).' })
  updatedAt!: Date
}

@ObjectType('DeadLetter', {
  description: 'A reaction that failed for good: start it again with retryReaction.',
})
@Extensions({ value: true })
class DeadLetterNode {
  @Field(() => ID, { description: 'What retryReaction takes.' })
  id!: string

  @Field(() => String, { description: "The reaction's name." })
  reaction!: string

  @Field(() => Int, { description: 'How often it was tried.' })
  attempts!: number

  @Field(() => String, { nullable: true, description: 'What went wrong the last time.' })
  lastError!: string | null

  @Field(() => DateTime, { description: 'When it was given up (UTC).' })
  endedAt!: Date

  eventId!: string

  @Field(() => Event, { nullable: true, description: 'What it should have reacted to.' })
  async event(@Ctx() context: Context): Promise<Event | null> {
    return eventById(this.eventId, context)
  }
}

const FindingKind = states('AuditFindingKind', 'What can be wrong with the log.', {
  CONTENT_CHANGED: 'An event is not what was written.',
  FORGED: 'An event was not written by Opsgraph.',
  COPIED: 'An event is a copy of another.',
  STREAM_BROKEN: 'The chain of one history is broken.',
  PERSONAL_DATA_CHANGED: 'Personal data is not what was written.',
  REFERENCES_CHANGED: 'The index of references does not fit the events.',
  HIDDEN: 'An event was kept from the sealed log.',
  SEALED_CHANGED: 'A sealed event was exchanged.',
  POSITION_MISSING: 'A sealed position is gone.',
  ROOT_DIFFERS: 'A checkpoint does not fit its events.',
  CHECKPOINT_BROKEN: 'The chain of checkpoints is broken.',
  SIGNATURE_INVALID: 'A checkpoint was not signed by us.',
  ANCHOR_DIFFERS: 'A checkpoint is not the one that was written down elsewhere.',
} satisfies Record<Finding['kind'], string>)

@ObjectType('AuditFinding', { description: 'Something wrong with the log, and where.' })
@Extensions({ value: true })
class AuditFinding {
  @Field(() => FindingKind, { description: 'What kind of wrong.' })
  kind!: string

  @Field(() => String, { description: 'For people.' })
  message!: string

  @Field(() => Int, { nullable: true, description: 'Position in the sealed log.' })
  position?: number

  @Field(() => Int, { nullable: true, description: 'Number of the checkpoint.' })
  checkpoint?: number
}

const Trust = states('AuditTrust', 'How far "nothing found" reaches.', {
  CHAIN_ONLY: 'Whoever can write the database could have rewritten everything.',
  SIGNED: 'They would also need the signing key, but may have cut off the end.',
  ANCHORED: 'Nothing up to the last anchor can have gone unnoticed.',
})

@ObjectType('AuditVerification', { description: 'Whether the log is what it was.' })
@Extensions({ value: true })
class AuditVerification {
  @Field(() => Boolean, { description: 'Nothing wrong was found.' })
  intact!: boolean

  @Field(() => Trust, { description: 'How much that proves.' })
  trust!: string

  @Field(() => [AuditFinding], { description: 'What is wrong; the first hundred.' })
  findings!: AuditFinding[]

  @Field(() => Int, { description: 'Events looked at.' })
  events!: number

  @Field(() => Int, { description: 'Checkpoints looked at.' })
  checkpoints!: number

  @Field(() => Int, { description: 'Anchors compared.' })
  anchors!: number

  @Field(() => Int, { description: 'Events whose personal data was erased as it should be.' })
  erased!: number

  @Field(() => Int, { description: 'Events that no checkpoint covers yet.' })
  unsealed!: number
}

@Resolver()
export class OperationQueries {
  @Query(() => [Consumer], { description: 'Everything that follows the log, and how far behind it is.' })
  @Allow(Role.AUDITOR, Role.SUPER_ADMIN)
  async consumers(@Ctx() { db }: Context): Promise<Consumer[]> {
    return (await consumerLag(db)).map(consumer => ({
      ...consumer,
      name: consumer.name.replace(REACTION, ''),
      kind: consumer.name.startsWith(REACTION) ? 'REACTION' : 'PROJECTION',
    }))
  }

  @Query(() => [DeadLetterNode], {
    description: 'Reactions that failed for good, oldest first; at most a hundred.',
  })
  @Allow(Role.SUPER_ADMIN)
  async deadLetters(@Ctx() { db }: Context): Promise<DeadLetterNode[]> {
    const letters = await deadLetters(db)
    return letters.slice(0, 100).map(letter =>
      Object.assign(new DeadLetterNode(), letter, {
        id: jobId(letter.id),
        eventId: `evt_${letter.eventId}`,
      }),
    )
  }

  @Query(() => AuditVerification, {
    description:
      `Proves the log, or says what is wrong with it: rebuilds every hash from what is stored. At most ${MAX_VERIFIED} events; a
longer log is verified by the command line.`.replaceAll('\n', ' '),
  })
  @Allow(Role.AUDITOR, Role.SUPER_ADMIN)
  async verifyAuditLog(@Ctx() { db, services }: Context): Promise<AuditVerification> {
    const length = await sealedHead(db)
    if (length > MAX_VERIFIED)
      throw badInput(
        `The log has ${length} events, a query verifies at most ${MAX_VERIFIED}: use "npx opsgraph verify".`,
      )
    const result = await verifyLog(services.db, services.proof ?? { publicKeys: {} })
    return { ...result, intact: result.findings.length === 0, findings: result.findings.slice(0, 100) }
  }
}
