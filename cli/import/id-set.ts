import { createHash } from 'node:crypto'

const LARGEST = 2 ** 24

/**
 * Remembers which texts were there, in 8 bytes each and never more than 128 MB: for files that do not fit into memory. Full, it
 * stops learning and says so.
 */
export class IdSet {
  private slots = new Float64Array(1024)
  private size = 0
  full = false

  has(text: string): boolean {
    return this.slots[this.find(keyOf(text))] !== 0
  }

  add(text: string): void {
    if (this.size * 4 > this.slots.length * 3) this.grow()
    if (this.full) return
    const key = keyOf(text)
    const at = this.find(key)
    if (this.slots[at] !== 0) return
    this.slots[at] = key
    this.size++
  }

  private find(key: number): number {
    let at = key % this.slots.length
    while (this.slots[at] !== 0 && this.slots[at] !== key) at = (at + 1) % this.slots.length
    return at
  }

  private grow(): void {
    if (this.slots.length >= LARGEST) {
      this.full = true
      return
    }
    const known = this.slots
    this.slots = new Float64Array(known.length * 2)
    for (const key of known) if (key !== 0) this.slots[this.find(key)] = key
  }
}

/** 52 bits of a hash, never 0. */
const keyOf = (text: string): number => {
  const digest = createHash('sha1').update(text).digest()
  return digest.readUIntBE(0, 6) * 16 + (digest[6]! & 15) + 1
}
