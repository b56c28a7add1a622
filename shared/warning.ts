import { registerEnumType } from 'type-graphql'

/** Every code that a warning may carry, and what it means. A closed list. */
const WARNINGS = {
  ALREADY_DELIVERED: 'Somebody could read it before; hiding it does not make that undone.',
  MESSAGE_RECALLED: 'What said so was not sent yet, and is a note of staff now.',
  NOT_ALL_TOLD: 'Customers of some tickets are not told; the facts say of how many, and why.',
  STATUS_KEPT: 'Somebody moved the ticket since, so that it stays where it stands.',
} as const

export type WarningCode = keyof typeof WARNINGS
export const WarningCodeEnum = Object.fromEntries(Object.keys(WARNINGS).map(code => [code, code])) as {
  [K in WarningCode]: K
}
registerEnumType(WarningCodeEnum, {
  name: 'WarningCode',
  description: 'What to know about something that was done.',
  valuesConfig: Object.fromEntries(
    Object.entries(WARNINGS).map(([code, description]) => [code, { description }]),
  ),
})
