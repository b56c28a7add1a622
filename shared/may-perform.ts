import { type CatalogAction, readCatalog } from '#shared/catalog.js'
import { type Missing, missingFor } from '#shared/grants.js'
import type { Identity } from '#shared/identity.js'
import { holds } from '#shared/permissions.js'

/** Whether some roles, permissions and scopes open an action, whichever subgraph has it. */
export type Opening =
  | { code: 'OPEN'; action: CatalogAction }
  | { code: 'UNKNOWN_ACTION' }
  | { code: 'ROLE_MISSING'; action: CatalogAction }
  /** No role of theirs opens it, but one of these permissions would, and can be granted (D59). */
  | { code: 'MISSING_PERMISSION'; action: CatalogAction; missing: readonly Missing[] }
  /** They may not do it, but ask those who may with `asking` (X16). */
  | { code: 'HANDOFF_REQUIRED'; action: CatalogAction; asking: CatalogAction }

/** By the catalogue alone: policy, limits and the target's state are looked at by `decision` and by the action itself. */
export function openingOf(name: string, bearer: Pick<Identity, 'roles' | 'scopes' | 'permissions'>): Opening {
  const { actions } = readCatalog()
  const action = actions.find(known => known.name === name)
  if (!action) return { code: 'UNKNOWN_ACTION' }
  if (holds(bearer, action.allow)) return { code: 'OPEN', action }
  const asking = actions.find(other => other.name === action.handOff)
  if (asking && holds(bearer, asking.allow)) return { code: 'HANDOFF_REQUIRED', action, asking }
  const missing = missingFor(action.allow, bearer)
  return missing.length ? { code: 'MISSING_PERMISSION', action, missing } : { code: 'ROLE_MISSING', action }
}
