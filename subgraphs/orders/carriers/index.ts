import { type Config, loadConfig } from '#shared/config.js'
import type { Carrier } from './carrier.js'
import { easypost } from './easypost.js'
import { manual } from './manual.js'

/** The adapter that the settings name. */
export const carrierOf = ({ carrier, easypost: settings }: Pick<Config, 'carrier' | 'easypost'>): Carrier =>
  carrier === 'easypost' && settings ? easypost(settings) : manual

let current: Carrier | null = null

/** This process's carrier, by its settings. */
export function carrier(): Carrier {
  current ??= carrierOf(loadConfig())
  return current
}
