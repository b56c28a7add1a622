import type { KeyObject } from 'node:crypto'

/** What is wrong, and where. */
export interface Finding {
  kind:
    | 'CONTENT_CHANGED'
    | 'FORGED'
    | 'COPIED'
    | 'STREAM_BROKEN'
    | 'PERSONAL_DATA_CHANGED'
    | 'REFERENCES_CHANGED'
    | 'HIDDEN'
    | 'SEALED_CHANGED'
    | 'POSITION_MISSING'
    | 'ROOT_DIFFERS'
    | 'CHECKPOINT_BROKEN'
    | 'SIGNATURE_INVALID'
    | 'ANCHOR_DIFFERS'
  message: string
  eventId?: number
  position?: number
  checkpoint?: number
}

/**
 * How far "nothing found" reaches. CHAIN_ONLY: whoever can write the database could have rewritten everything. SIGNED: they would
 * also need the signing key, but may have cut off the tail. ANCHORED: nothing up to the last anchor can have gone unnoticed.
 */
export type Trust = 'CHAIN_ONLY' | 'SIGNED' | 'ANCHORED'

export interface Verification {
  trust: Trust
  /** Empty when the log is what it was. */
  findings: Finding[]
  /** More was wrong than is listed. */
  truncated: boolean
  events: number
  checkpoints: number
  /** Lines of the anchor file that were compared. */
  anchors: number
  /** Events whose personal data was removed as it should be. */
  erased: number
  /** Events that no checkpoint covers yet. */
  unsealed: number
}

export interface VerifyOptions {
  /** By key id: those that may have signed checkpoints; none = signatures are not looked at. */
  publicKeys: Readonly<Record<string, KeyObject>>
  /** Tells forged events; left out = not looked at. */
  macKey?: Buffer
  /** See `Anchor`; a file that is not there is as none. */
  anchorFile?: string
  /** Events looked at so far, and about how many there are. */
  onProgress?(done: number, total: number): void
}

/** Rows fetched at once. */
export const PAGE = 1_000
const MOST_FINDINGS = 1_000

/** What was found so far. */
export class Report {
  findings: Finding[] = []
  truncated = false
  events = 0
  checkpoints = 0
  anchors = 0
  erased = 0
  unsealed = 0

  add(finding: Finding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding)
    else this.truncated = true
  }

  result({ publicKeys }: VerifyOptions): Verification {
    const signed = this.checkpoints > 0 && Object.keys(publicKeys).length > 0
    const { findings, truncated, events, checkpoints, anchors, erased, unsealed } = this
    const trust: Trust = anchors ? 'ANCHORED' : signed ? 'SIGNED' : 'CHAIN_ONLY'
    return { trust, findings, truncated, events, checkpoints, anchors, erased, unsealed }
  }
}
