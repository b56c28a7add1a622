import { coerceInputValue, type GraphQLInputObjectType } from 'graphql'
import type { Problem } from '#shared/fields.js'
import type { RecordInput } from '#shared/record.js'

const REQUIRED = /^Field "(\w+)" of required type "[^"]+" was not provided\.$/
const UNKNOWN = /^Field "(\w+)" is not defined by type "\w+"\.(.*)$/
const MISSING_VALUE = /^Expected non-nullable type "[^"]+" not to be null\.$/

const joined = (path: readonly (string | number)[], name?: string): string =>
  [...path, ...(name ? [name] : [])].join('.')

/** graphql-js says where in prose; people look for a column. */
function toProblem(path: readonly (string | number)[], message: string): Problem {
  const [, required] = REQUIRED.exec(message) ?? []
  if (required) return { field: joined(path, required), message: 'is missing' }
  const [, unknown, hint] = UNKNOWN.exec(message) ?? []
  if (unknown) return { field: joined(path, unknown), message: `is not a field.${hint}` }
  if (MISSING_VALUE.test(message)) return { field: joined(path), message: 'is missing' }
  return { field: joined(path), message: message.replace(/^Expected type "\w+"\. /, '') }
}

/** Either a record, or everything that is wrong with it: what the mutation itself would say. */
export function coerce(
  value: unknown,
  type: GraphQLInputObjectType,
): { record: RecordInput } | { problems: Problem[] } {
  const problems: Problem[] = []
  const record = coerceInputValue(value, type, (path, _, error) =>
    problems.push(toProblem(path, error.message)),
  )
  return problems.length ? { problems } : { record: record as RecordInput }
}
