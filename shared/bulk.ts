import type { Action } from '#shared/action.js'

/**
 * A mutation that does one action to many targets, each by itself and in a transaction of its own. Who may and what it leaves is what the
 * action says (E8, E10), so that docs and `decision` know of it like of any other.
 */
export interface Bulk {
  /** The mutation's name. */
  name: string
  description: string
  of: Action
  /** Most targets at once. */
  most: number
}
