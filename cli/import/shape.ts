import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLScalarType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'

/** A value without parts: text, number, time, one of a closed set. */
export type LeafType = GraphQLScalarType | GraphQLEnumType

interface Common {
  name: string
  /** Dotted, without places in lists: `orders.lines.unitPrice`. */
  path: string
}

/** One field of a record, as a column or a key may name it. */
export type Field = Common &
  (
    | { kind: 'leaf'; type: LeafType }
    /** Several leaves: `a|b` in a cell. */
    | { kind: 'leaves'; type: LeafType }
    /** MoneyInput: minor units and currency, or one decimal. */
    | { kind: 'money' }
    | { kind: 'object'; fields: readonly Field[] }
    | { kind: 'list'; fields: readonly Field[] }
  )

const bare = (type: GraphQLInputType): GraphQLInputType => (isNonNullType(type) ? bare(type.ofType) : type)

function fieldOf(name: string, path: string, given: GraphQLInputType): Field {
  const type = bare(given)
  if (isListType(type)) {
    const item = bare(type.ofType)
    return isInputObjectType(item)
      ? { kind: 'list', name, path, fields: fieldsOf(item, `${path}.`) }
      : { kind: 'leaves', name, path, type: item as LeafType }
  }
  if (!isInputObjectType(type)) return { kind: 'leaf', name, path, type: type as LeafType }
  if (type.name === 'MoneyInput') return { kind: 'money', name, path }
  return { kind: 'object', name, path, fields: fieldsOf(type, `${path}.`) }
}

/** The fields of a record, read from the schema itself, so that files and mutations never differ. */
export const fieldsOf = (type: GraphQLInputObjectType, prefix = ''): Field[] =>
  Object.values(type.getFields()).map(({ name, type }) => fieldOf(name, prefix + name, type))

/** What a column of a table can be: a leaf by its path, or one part of a sum. */
export interface Column {
  path: string
  part: 'value' | 'decimal' | 'amount' | 'currency'
}

const columnsOfField = (field: Field): Column[] => {
  if (field.kind === 'object' || field.kind === 'list') return columnsOf(field.fields)
  if (field.kind !== 'money') return [{ path: field.path, part: 'value' }]
  return [
    { path: field.path, part: 'decimal' },
    { path: `${field.path}.amount`, part: 'amount' },
    { path: `${field.path}.currency`, part: 'currency' },
  ]
}

/** Every column that a table of such records may have, in the order of the schema. */
export const columnsOf = (fields: readonly Field[]): Column[] => fields.flatMap(columnsOfField)
