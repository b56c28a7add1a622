import type { Config } from '#shared/config.js'
import { madeOnce } from '#shared/services.js'
import type { Carrier } from './carrier.js'
import { easypost } from './easypost.js'
import { manual } from './manual.js'

/** The adapter that the settings name. */
export const carrierOf = ({ carrier, easypost: settings }: Pick<Config, 'carrier' | 'easypost'>): Carrier =>
  carrier === 'easypost' && settings ? easypost(settings) : manual

/** This process's carrier, by its settings. */
export const configuredCarrier = madeOnce(({ config }) => carrierOf(config))
