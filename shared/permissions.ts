import { createRequire } from 'node:module'
import {
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { applyMiddleware } from 'graphql-middleware'
import { Extensions } from 'type-graphql'
import type { Context } from '#shared/context.js'
import type { Identity } from '#shared/identity.js'
import { forbidden, unauthenticated } from '#shared/refusal.js'
import type { Permission, Role, Scope } from '#shared/roles.js'

/** Its ES module build imports what Node 24 took out of `util`; the CommonJS one of the same package runs everywhere. */
const { deny, rule, shield } = createRequire(import.meta.url)(
  'graphql-shield',
) as typeof import('graphql-shield')

/** What opens a field: a role, a permission granted to a person, a machine's scope, or PUBLIC for everybody. */
export type Access = Role | Permission | Scope | 'PUBLIC'

/** Declares who may read a type or use a field; stands beside it. A field without one inherits its type's. */
export const Allow = (...access: readonly Access[]) => Extensions({ allow: access })

/** Anybody, token or not. */
export const PUBLIC: readonly Access[] = ['PUBLIC']

/** Whether somebody has one of what opens something: the one question that all gates ask. */
export const holds = (
  { roles, scopes, permissions = [] }: Pick<Identity, 'roles' | 'scopes' | 'permissions'>,
  allow: readonly Access[],
): boolean =>
  allow.some(
    access =>
      access === 'PUBLIC' ||
      (roles as readonly string[]).includes(access) ||
      (permissions as readonly string[]).includes(access) ||
      (scopes as readonly string[]).includes(access),
  )

/** `Type.field` → who may use it, as declared and narrowed by what it returns. */
export type PermissionTable = Map<string, Map<string, readonly Access[]>>

interface Declared {
  allow?: readonly Access[]
  /** A value type (Money, a connection, a payload): as open as the field it hangs on. */
  value?: boolean
}

const declared = (of: { extensions: Readonly<Record<string, unknown>> }): Declared =>
  of.extensions as Declared
const isRoot = (schema: GraphQLSchema, type: GraphQLObjectType) =>
  type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType()

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  Object.values(schema.getTypeMap()).filter(
    (t): t is GraphQLObjectType => isObjectType(t) && !t.name.startsWith('_'),
  )

const within = (inner: readonly Access[], outer: readonly Access[]) =>
  inner.filter(access => outer.includes(access))
const covers = (outer: readonly Access[], inner: readonly Access[]) =>
  inner.every(access => outer.includes(access))

/**
 * Reads every permission back from the finished schema (the type-graphql one: the SDL round trip drops extensions).
 * @throws Error naming each field that nobody declared, or that a refusal would blank a whole list for (F9)
 */
export function readPermissions(schema: GraphQLSchema): PermissionTable {
  const problems: string[] = []
  const table: PermissionTable = new Map()
  for (const type of objectTypes(schema)) {
    const { allow: ofType, value } = declared(type)
    if (!isRoot(schema, type) && !ofType && !value) problems.push(`${type.name} declares no permission`)
    const fields = new Map<string, readonly Access[]>()
    for (const field of Object.values(type.getFields())) {
      const own = declared(field).allow ?? ofType
      if (!own && value) continue
      if (!own) {
        problems.push(`${type.name}.${field.name} declares no permission`)
        continue
      }
      const effective = narrowed(schema, own, field)
      if (!isRoot(schema, type) && isNonNullType(field.type) && !(ofType && covers(effective, ofType)))
        problems.push(`${type.name}.${field.name} is narrower than its type, so it has to be nullable`)
      if (effective.length === 0) problems.push(`${type.name}.${field.name} is open to nobody`)
      fields.set(field.name, effective)
    }
    table.set(type.name, fields)
  }
  if (problems.length) throw new Error(`Permissions are incomplete:\n- ${problems.join('\n- ')}`)
  return table
}

/** A field is never wider than what it returns: a closed type cannot be reached through an open edge. */
function narrowed(schema: GraphQLSchema, own: readonly Access[], field: GraphQLField<unknown, unknown>) {
  let type = getNamedType(field.type)
  if (isObjectType(type) && declared(type).value) {
    const inner = Object.values(type.getFields()).find(f => f.name === 'nodes')
    if (inner) type = getNamedType(inner.type)
  }
  if (isInterfaceType(type) || isUnionType(type) || !isObjectType(type)) return own
  const audience = declared(type).allow
  return audience && !isRoot(schema, type) ? within(own, audience) : own
}

/** Who may read a type at all; undefined for value types. */
export const audienceOf = (schema: GraphQLSchema, typeName: string): readonly Access[] | undefined => {
  const type = schema.getType(typeName)
  return isObjectType(type) ? declared(type).allow : undefined
}

/** Told of every refusal at a field, as `Type.field`. */
export type Refused = (where: string, context: Context) => void

/** The rule of graphql-shield for one field: uniquely named, never cached, refusing with a code (F5, F7). */
function ruleFor(where: string, allow: readonly Access[], refused: Refused) {
  return rule(where, { cache: 'no_cache' })(async (_parent, _args, context: Context) => {
    if (holds(context.identity, allow)) return true
    refused(where, context)
    return context.identity.kind === 'ANONYMOUS'
      ? unauthenticated()
      : forbidden(where, allow, context.identity)
  })
}

/**
 * Puts graphql-shield before the fields that need it: every root field, and fields narrower than their type. The rest of a
 * type is guarded where it is entered (root field, edge, `_entities`), since a rule on each field costs 3 to 7 times (gateway 3).
 */
export function shielded(
  schema: GraphQLSchema,
  table: PermissionTable,
  source: GraphQLSchema,
  refused: Refused = () => undefined,
): GraphQLSchema {
  const rules: Record<string, Record<string, ReturnType<typeof ruleFor>>> = {}
  for (const [typeName, fields] of table) {
    const type = source.getType(typeName) as GraphQLObjectType
    const audience = declared(type).allow
    for (const [name, allow] of fields) {
      if (!isRoot(source, type) && audience && covers(allow, audience)) continue
      rules[typeName] ??= {}
      rules[typeName][name] = ruleFor(`${typeName}.${name}`, allow, refused)
    }
  }
  const generator = shield(rules, {
    fallbackRule: deny,
    allowExternalErrors: true,
    fallbackError: new GraphQLError('Not allowed.', { extensions: { code: 'FORBIDDEN' } }),
  }) as unknown as { generate(schema: GraphQLSchema): Record<string, Record<string, never>> }
  const all = generator.generate(schema)
  const kept = Object.fromEntries(
    Object.entries(rules).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.keys(fields).map(field => [field, all[type]![field]!])),
    ]),
  )
  return applyMiddleware(schema, kept)
}
