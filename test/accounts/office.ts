import { graphql } from 'graphql'
import type { DataSource } from 'typeorm'
import { cloneDatabase } from '#kit/cluster.js'
import { openTestServices } from '#kit/services.js'
import type { ActionInput, ApproveInput } from '#shared/action-input.js'
import { openDatabase } from '#shared/database.js'
import type { EventDraft, StreamRef } from '#shared/event.js'
import { ANONYMOUS, type Identity } from '#shared/identity.js'
import { createLogger } from '#shared/log.js'
import type { Outcome } from '#shared/outcome.js'
import { perform, performApproved } from '#shared/perform.js'
import { type RecordInput, record } from '#shared/record.js'
import { createContext, type Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import { fold } from '#shared/view.js'

export const NOW = new Date('2026-04-22T09:00:00.000Z')

/** Subgraphs on a database of their own, without a gateway: actions, recordings and queries as whoever is named. */
export class Office {
  private constructor(
    readonly services: Services,
    private readonly stop: () => Promise<void>,
    /** Reads everything, also what the product may not. */
    readonly owner: DataSource,
    private readonly subgraphs: readonly Subgraph[],
  ) {}

  /** What the product may. */
  get db(): DataSource {
    return this.services.db
  }

  static async open(name: string, subgraphs: readonly Subgraph[]): Promise<Office> {
    const url = await cloneDatabase(name)
    const log = createLogger({ logLevel: 'silent' }, 'test')
    const open = (role: 'opsgraph_app' | null, poolSize: number) =>
      openDatabase({ url, entities: [], poolSize, role, log })
    const { services, stop } = await openTestServices(url, [], () => NOW)
    return new Office(services, stop, await open(null, 2), subgraphs)
  }

  async close(): Promise<void> {
    await Promise.all([this.stop(), this.owner.destroy()])
  }

  /** Somebody as the gateway would see them, having signed in an hour ago. */
  async identity(personId: string, more: Partial<Identity> = {}): Promise<Identity> {
    const [person] = await this.db.query(
      'select * from access.person where id = $1 and disabled_at is null',
      [personId],
    )
    if (!person) throw new Error(`${personId} cannot sign in`)
    const orgs = await this.db.query(
      `select array_agg(org_id) as ids from access.membership where user_id = $1 and (role = 'OWNER' or support_access)`,
      [personId],
    )
    return {
      ...ANONYMOUS,
      kind: person.kind,
      personId,
      name: person.name,
      roles: person.kind === 'STAFF' ? person.roles : [person.kind],
      scopes: person.scopes,
      orgIds: orgs[0].ids ?? [],
      epoch: person.epoch,
      tokenId: 'ses_1',
      authenticatedAt: NOW.getTime() / 1000 - 3600,
      ...more,
    }
  }

  context(identity: Identity) {
    return createContext(this.services, identity, 'req_test')
  }

  /** Runs an action, or with `approve…` its twin. */
  async act(who: string | Identity, name: string, input: object): Promise<Outcome> {
    const identity = typeof who === 'string' ? await this.identity(who) : who
    const approves = /^approve([A-Z].*)$/.exec(name)?.[1]
    const wanted = approves && 'approvalId' in input ? approves[0]!.toLowerCase() + approves.slice(1) : name
    const performer = this.subgraphs
      .flatMap(one => one.performers)
      .find(({ action }) => action.name === wanted)
    if (!performer) throw new Error(`there is no action ${wanted}`)
    const run = wanted === name ? perform : performApproved
    return await run(performer, { ...input } as ActionInput & ApproveInput, this.context(identity))
  }

  /** Records a batch, as the demo shop. */
  async record(plural: string, records: object[], dryRun = false) {
    const owner = this.subgraphs.find(one => one.recordings?.some(recording => recording.plural === plural))!
    const recording = owner.recordings!.find(one => one.plural === plural)!
    const caller = this.context(await this.identity('svc_shop'))
    return await record(
      { recording, views: owner.views },
      structuredClone(records) as RecordInput[],
      caller,
      dryRun,
    )
  }

  /** Asks the first subgraph directly. */
  async ask(who: Identity, source: string) {
    const result = await graphql({
      schema: this.subgraphs[0]!.schema,
      source,
      contextValue: this.context(who),
    })
    return JSON.parse(JSON.stringify(result))
  }

  /** Puts events into the log as if something had happened. */
  async append(stream: StreamRef, events: EventDraft[]): Promise<void> {
    const { store, clock } = this.services
    const actor = { kind: 'SYSTEM' as const, id: 'system', roles: [], tokenId: null }
    const meta = {
      actor,
      reasonCode: 'TEST',
      requestId: 'req_test',
      correlationId: 'req_test',
      surface: 'test',
    }
    const views = this.subgraphs.flatMap(one => one.views)
    await this.db.transaction(async tx => {
      await fold(
        tx,
        views,
        await store.append(tx, [{ stream, expectedVersion: null, events }], meta, clock()),
      )
    })
  }

  async person(id: string) {
    const [row] = await this.db.query('select * from access.person where id = $1', [id])
    return row
  }
}

export const codes = (outcome: Outcome): string[] => outcome.userErrors.map(({ code }) => code)
