import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Action, approvalName } from '#shared/action.js'
import type { Bulk } from '#shared/bulk.js'
import { fieldsIn } from '#shared/fields.js'
import type { Identity } from '#shared/identity.js'
import { type Access, holds } from '#shared/permissions.js'
import type { Policy } from '#shared/policy.js'
import type { Role } from '#shared/roles.js'
import { ROOT } from '#shared/root.js'
import type { Subgraph, SubgraphName } from '#shared/subgraph.js'

/** A type of entity, as the other subgraphs may know it. */
export interface CatalogEntity {
  subgraph: SubgraphName
  /** Start of its ids, e.g. `ord`. */
  prefix: string
  /** Who may read it at all. */
  allow: readonly Access[]
}

/** An action, as plain data. */
export interface CatalogAction {
  name: string
  subgraph: SubgraphName
  description: string
  /** The type it acts on, which is also its streams' type. */
  target: string
  /** The input field that names the target; null where the action brings one into being, or finds it otherwise. */
  targetField: string | null
  allow: readonly Access[]
  /** The action by which others ask for this one; null where nobody can. */
  handOff: string | null
  /** Who may approve it; empty when it never takes a second person. */
  approvers: readonly Role[]
  /** The mutation that carries an approved request out; null without approvers. */
  approvedBy: string | null
  policy: Policy
  /** Reason codes and what each means; empty: none is asked for. */
  reasons: Readonly<Record<string, string>>
  risk: Action['risk']
  idempotency: Action['idempotent']
  emits: readonly string[]
}

/** What all subgraphs together consist of: how one knows of the others without importing them. */
export interface Catalog {
  /** By type name, e.g. `Order`. */
  entities: Readonly<Record<string, CatalogEntity>>
  /** By name. */
  actions: readonly CatalogAction[]
}

/** Generated and committed, like the schemas beside it. */
const CATALOG_FILE = join(ROOT, 'schema', 'catalog.json')

/** Reads the catalogue off the subgraphs themselves. Plain data in a fixed order, so that its diff can be reviewed. */
export function catalogOf(subgraphs: readonly Subgraph[]): Catalog {
  const entities = subgraphs.flatMap(({ name: subgraph, audiences }) =>
    Object.entries(audiences).map(
      ([type, { prefix, allow }]) => [type, { subgraph, prefix, allow }] as const,
    ),
  )
  const actions = subgraphs.flatMap(({ name, actions, bulks = [] }) => [
    ...actions.map(action => describe(action, name)),
    ...bulks.map(bulk => describeBulk(bulk, name)),
  ])
  return {
    entities: Object.fromEntries(entities.sort(([a], [b]) => (a < b ? -1 : 1))),
    actions: actions.sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

const describe = (action: Action, subgraph: SubgraphName): CatalogAction => ({
  name: action.name,
  subgraph,
  description: action.description,
  target: action.on.type,
  targetField: action.target && targetFieldOf(action),
  allow: action.allow,
  handOff: action.handOff,
  approvers: action.approvers,
  approvedBy: action.approvers.length ? approvalName(action) : null,
  policy: action.policy,
  reasons: action.reasons,
  risk: action.risk,
  idempotency: action.idempotent,
  emits: action.emits,
})

/** It names its targets in a list, and takes no reason and no key but what it says itself. */
const describeBulk = ({ name, description, of }: Bulk, subgraph: SubgraphName): CatalogAction => ({
  ...describe(of, subgraph),
  name,
  description,
  targetField: null,
})

const targetFieldOf = ({ input, on }: Action): string | null =>
  fieldsIn(input).find(({ kind, target }) => kind === 'ref' && target === on.type)?.property ?? null

let read: Catalog | null = null

/**
 * The generated catalogue; read once. Empty before `opsgraph generate` ran for the first time: then nothing is known, so nothing is
 * shown.
 */
export function readCatalog(): Catalog {
  if (!read && existsSync(CATALOG_FILE)) read = JSON.parse(readFileSync(CATALOG_FILE, 'utf8')) as Catalog
  return read ?? { entities: {}, actions: [] }
}

/** Whether somebody may read entities of a type. Types that the catalogue does not know are nobody's. */
export const mayRead = (identity: Identity, type: string): boolean =>
  holds(identity, readCatalog().entities[type]?.allow ?? [])
