/** What was found in a file. */
export interface Verdict {
  infected: boolean
  /** What the scanner calls it, e.g. Eicar-Test-Signature; null when nothing was found. */
  signature: string | null
}

/** Somebody who looks for malware (C5). */
export interface Scanner {
  /** @throws Error when nobody could look: it is to be tried again, and never to be taken for clean */
  scan(body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Verdict>
}
