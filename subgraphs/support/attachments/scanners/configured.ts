import { madeOnce } from '#shared/services.js'
import { Clamd } from './clamd.js'
import type { Scanner } from './scanner.js'

/** Who looks for malware, as this process was configured; null: nobody. */
export const configuredScanner = madeOnce(({ config: { scannerUrl } }): Scanner | null =>
  scannerUrl ? new Clamd(scannerUrl) : null,
)
