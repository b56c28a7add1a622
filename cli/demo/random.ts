import { createHash } from 'node:crypto'

/**
 * Numbers that follow from a seed and a name, the same on every machine: each thing of the demo has its own, so that it can be made
 * again without remembering it. (xoshiro128**)
 */
export class Random {
  private readonly state: Uint32Array

  constructor(...name: (string | number)[]) {
    const digest = createHash('sha256').update(name.join('\0')).digest()
    this.state = new Uint32Array(4)
    for (let i = 0; i < 4; i++) this.state[i] = digest.readUInt32LE(i * 4)
  }

  private next(): number {
    const [a, b, c, d] = this.state as unknown as [number, number, number, number]
    const turned = Math.imul(b, 5)
    const result = Math.imul((turned << 7) | (turned >>> 25), 9) >>> 0
    const e = d ^ b
    const third = c ^ a
    this.state[1] = b ^ third
    this.state[0] = a ^ e
    this.state[2] = third ^ (b << 9)
    this.state[3] = (e << 11) | (e >>> 21)
    return result
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor((this.next() / 2 ** 32) * (most - least + 1))
  }

  chance(share: number): boolean {
    return this.next() < share * 2 ** 32
  }

  pick<T>(from: readonly T[]): T {
    return from[this.whole(0, from.length - 1)]!
  }

  /** One of the values, as often as its weight says. */
  weighted<T>(from: readonly (readonly [T, number])[]): T {
    let left = this.whole(
      1,
      from.reduce((sum, [, weight]) => sum + weight, 0),
    )
    for (const [value, weight] of from) {
      left -= weight
      if (left <= 0) return value
    }
    return from[0]![0]
  }

  text(length: number, alphabet: string): string {
    let text = ''
    while (text.length < length) text += alphabet[this.whole(0, alphabet.length - 1)]
    return text
  }

  digits = (length: number): string => this.text(length, '0123456789')
  hex = (length: number): string => this.text(length, '0123456789abcdef')
  letters = (length: number): string =>
    this.text(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')

  uuid(): string {
    const hex = this.hex(30)
    const variant = this.pick(['8', '9', 'a', 'b'])
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18, 30)}`
  }
}
