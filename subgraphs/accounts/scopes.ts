import { refuse } from '#shared/refusal.js'
import { SCOPES, type Scope } from '#shared/roles.js'

/**
 * The scopes that were asked for, each once.
 * @throws Refusal INVALID when there are none, or one is not among those that may be asked for
 */
export function checkScopes(
  asked: readonly string[],
  field: string,
  among: readonly Scope[] = SCOPES,
): Scope[] {
  const wrong = asked.find(scope => !(among as readonly string[]).includes(scope))
  if (wrong !== undefined)
    refuse('INVALID', `"${wrong}" cannot be asked for here; ${among.join(', ')} can.`, field, {
      scopes: among,
    })
  if (asked.length === 0)
    refuse('INVALID', `Needs at least one of ${among.join(', ')}.`, field, { scopes: among })
  return among.filter(scope => asked.includes(scope))
}
