import { registerEnumType } from 'type-graphql'

/**
 * A closed set of values with the meaning of each: `const OrderStatus = states('OrderStatus', '…', { PAID: '…' })`.
 * The value is its own name, in SCREAMING_SNAKE.
 */
export function states<const T extends Record<string, string>>(
  name: string,
  description: string,
  meanings: T,
): { [K in keyof T]: K } {
  const values = Object.fromEntries(Object.keys(meanings).map(key => [key, key])) as { [K in keyof T]: K }
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(meanings).map(([key, meaning]) => [key, { description: meaning }]),
    ) as never,
  })
  return values
}
