import { type Sum, sum } from '#shared/money.js'

/**
 * Splits a sum in proportion to weights so that the parts add up to it exactly: whole units first, then one each to the largest
 * remainders, the earlier part winning a tie. All weights zero: equal parts. Exact beyond 2^53 by BigInt.
 */
export function allocate(total: Sum, weights: readonly number[]): Sum[] {
  const whole = BigInt(total.amount)
  const given = weights.some(weight => weight > 0) ? weights.map(BigInt) : weights.map(() => 1n)
  const all = given.reduce((a, b) => a + b, 0n)
  const parts = given.map((weight, at) => ({
    at,
    units: (whole * weight) / all,
    rest: (whole * weight) % all,
  }))
  let left = whole - parts.reduce((units, part) => units + part.units, 0n)
  const step = left < 0n ? -1n : 1n
  const byRest = [...parts].sort((a, b) =>
    a.rest === b.rest ? a.at - b.at : (b.rest - a.rest) * step > 0n ? 1 : -1,
  )
  for (const part of byRest) {
    if (left === 0n) break
    part.units += step
    left -= step
  }
  return parts.map(({ units }) => sum(Number(units), total.currency))
}
