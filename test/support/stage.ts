import { graphql } from 'graphql'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { ANONYMOUS } from '#shared/identity.js'
import type { Outcome } from '#shared/outcome.js'
import { perform, performApproved } from '#shared/perform.js'
import { Role, type Scope } from '#shared/roles.js'
import { createContext, type Services } from '#shared/services.js'
import type { Subgraph } from '#shared/subgraph.js'
import { TestLog } from '../shared/log-kit.js'

type Values = Record<string, unknown>

/** An answer of a schema, ready to be looked into. */
export interface Told {
  // biome-ignore lint/suspicious/noExplicitAny: as the query says
  data: any
  codes: unknown[]
}

/** One person or machine on a stage. */
export class Player {
  constructor(
    readonly stage: Stage,
    readonly identity: Identity,
  ) {}

  get id(): string {
    return this.identity.personId
  }

  private context(): Context {
    return createContext(this.stage.services, this.identity, 'req_test')
  }

  /** Runs an action. */
  act(action: string, input: Values): Promise<Outcome> {
    return perform(this.stage.performer(action), { ...input } as never, this.context())
  }

  /** Approves a request for an action. */
  approve(action: string, approvalId: string | undefined, input: Values = {}): Promise<Outcome> {
    return performApproved(
      this.stage.performer(action),
      { approvalId: String(approvalId), ...input },
      this.context(),
    )
  }

  /** Asks the subgraph's own schema, behind its shield. */
  async ask(source: string, variableValues: Values = {}): Promise<Told> {
    const { schema } = this.stage.subgraph
    const { data, errors = [] } = await graphql({
      schema,
      source,
      variableValues,
      contextValue: this.context(),
    })
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      codes: errors.map(error => error.extensions.code ?? error.message),
    }
  }
}

/** One subgraph with a database of its own, and people to act in it. */
export class Stage {
  /** What the clock says; tests move it. */
  now = new Date('2026-04-22T14:03:00.000Z')
  readonly services: Services

  private constructor(
    readonly subgraph: Subgraph,
    readonly log: TestLog,
  ) {
    this.services = log.services(() => this.now)
  }

  static async open(subgraph: Subgraph): Promise<Stage> {
    return new Stage(subgraph, await TestLog.open(subgraph.name))
  }

  performer(action: string) {
    const found = this.subgraph.performers.find(performer => performer.action.name === action)
    if (!found) throw new Error(`There is no ${action} in ${this.subgraph.name}`)
    return found
  }

  /** Somebody who works here. */
  staff(id: string, ...roles: Role[]): Promise<Player> {
    return this.enter({ kind: 'STAFF', personId: `stf_${id}`, name: `${id} Smith`, roles })
  }

  /** A customer, with the accounts whose tickets they may see. */
  customer(id: string, ...orgIds: string[]): Promise<Player> {
    return this.enter({ kind: 'REQUESTER', personId: `usr_${id}`, name: id, roles: [Role.REQUESTER], orgIds })
  }

  machine(id: string, ...scopes: Scope[]): Promise<Player> {
    return this.enter({
      kind: 'INTEGRATION',
      personId: `svc_${id}`,
      name: id,
      roles: [Role.INTEGRATION],
      scopes,
    })
  }

  private async enter(
    who: Partial<Identity> & Pick<Identity, 'kind' | 'personId' | 'name' | 'roles'>,
  ): Promise<Player> {
    const identity: Identity = { ...ANONYMOUS, authenticatedAt: this.now.getTime() / 1000, ...who }
    await this.log.db.query(
      'insert into access.person (id, kind, name, roles, scopes) values ($1, $2, $3, $4, $5)',
      [identity.personId, identity.kind, identity.name, identity.roles, identity.scopes],
    )
    return new Player(this, identity)
  }

  /** Entities of other subgraphs that were recorded, as the omnibox knows them. */
  async known(...ids: string[]): Promise<void> {
    await this.log.db.query(
      `insert into search.identifier (entity_id, entity_type, kind, norm, display)
       select id, 'Entity', 'ID', lower(id), id from unnest($1::text[]) id`,
      [ids],
    )
  }

  /** Types of the events on an entity's timeline, oldest first. */
  async timeline(id: string): Promise<string[]> {
    const events = await this.services.store.byRef(this.log.db, id, { first: 100 })
    return events.map(event => event.type).reverse()
  }

  close(): Promise<void> {
    return this.log.close()
  }
}
