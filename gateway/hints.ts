import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** An enum with more values than this is looked up, not listed. */
const MOST_VALUES = 20
const INSTANT = 'Give an ISO 8601 instant, e.g. 2026-04-22T14:03:00Z.'

/** Whether a point in time can stand in a value of this type. */
function holdsInstant(type: GraphQLInputType, seen = new Set<string>()): boolean {
  const named = getNamedType(type)
  if (named.name === 'DateTime') return true
  if (!isInputObjectType(named) || seen.has(named.name)) return false
  seen.add(named.name)
  return Object.values(named.getFields()).some(field => holdsInstant(field.type, seen))
}

/** A subgraph that refuses an argument says its name, and not what it is. */
function argumentHint(name: string, schema: GraphQLSchema): string | null {
  const fields = Object.values(schema.getTypeMap()).flatMap(type =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  )
  const found = fields.flatMap(({ args }) => args.filter(arg => arg.name === name))
  if (!found.some(({ type }) => holdsInstant(type))) return null
  return `Points in time are ISO 8601 instants, e.g. 2026-04-22T14:03:00Z.`
}

function enumHint(name: string, schema: GraphQLSchema): string | null {
  const type = schema.getType(name)
  if (!isEnumType(type)) return null
  const values = type.getValues().map(value => value.name)
  return values.length <= MOST_VALUES ? `${name} takes ${values.join(', ')}.` : null
}

/** What would be right, where graphql-js says only what is wrong with an argument or variable; null when that says it all. */
export function hintFor(message: string, schema: GraphQLSchema): string | null {
  const wrongEnum = /does not exist in "(\w+)" enum|Enum "(\w+)" cannot represent/.exec(message)
  if (wrongEnum) return enumHint((wrongEnum[1] ?? wrongEnum[2])!, schema)
  if (/DateTime cannot represent|Expected type "DateTime!?"/.test(message)) return INSTANT
  const wrongArgument = /^Argument "(\w+)" has invalid value/.exec(message)
  return wrongArgument ? argumentHint(wrongArgument[1]!, schema) : null
}
