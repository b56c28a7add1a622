import { loadConfig } from '#shared/config.js'
import { Clamd } from './clamd.js'
import type { Scanner } from './scanner.js'

let scanner: Scanner | null | undefined

/** Who looks for malware, as this process was started; null: nobody. */
export function configuredScanner(): Scanner | null {
  if (scanner === undefined) {
    const { scannerUrl } = loadConfig()
    scanner = scannerUrl ? new Clamd(scannerUrl) : null
  }
  return scanner
}
