import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type GraphQLInputObjectType, type GraphQLSchema, getNamedType } from 'graphql'
import { ERROR_CODES } from '#gateway/errors.js'
import { type Action, approvalName } from '#shared/action.js'
import type { Bulk } from '#shared/bulk.js'
import type { Access } from '#shared/permissions.js'
import { describePolicy } from '#shared/policy.js'
import type { Recording } from '#shared/record.js'
import { REFUSALS } from '#shared/refusal.js'
import { PERMISSION_GRANTERS, PERMISSION_HOLDERS, Permission, Role, SCOPES } from '#shared/roles.js'
import { ROOT } from '#shared/root.js'
import type { Subgraph } from '#shared/subgraph.js'

const HEAD = '<!-- Written by `npm run generate`; do not edit. -->'

/** A cell must not end its row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')

const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), `|${head.map(() => '---|').join('')}`, ...rows.map(cells => row(...cells))].join('\n')

const code = (text: string): string => `\`${text}\``

const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const page = (title: string, intro: string, ...parts: readonly string[]): string =>
  `${[`# ${title}`, HEAD, intro, ...parts].join('\n\n')}\n`

const inputOf = (schema: GraphQLSchema, mutation: string, argument: string): GraphQLInputObjectType => {
  const { args } = schema.getMutationType()!.getFields()[mutation]!
  return getNamedType(args.find(({ name }) => name === argument)!.type) as GraphQLInputObjectType
}

const inputTable = (type: GraphQLInputObjectType): string =>
  tableOf(
    ['Input', 'Type', 'Meaning'],
    Object.values(type.getFields()).map(({ name, type, description }) => [
      code(name),
      code(String(type)),
      description ?? '',
    ]),
  )

const line = (name: string, text: string): string => `- **${name}**: ${text}`

function actionPart(action: Action, { schema }: Subgraph): string {
  const { name, description, allow, approvers, reasons, risk, emits, idempotent, on, policy, handOff } =
    action
  const facts = [
    line('Acts on', `${on.type}`),
    line('Who', allow.join(', ')),
    ...(handOff ? [line('Others', `ask for it with ${code(handOff)}`)] : []),
    ...(approvers.length
      ? [
          line(
            'Approved by',
            `${approvers.join(', ')}, with ${code(approvalName(action))}; never by who asked`,
          ),
        ]
      : []),
    ...(describePolicy(policy) ? [line('Policy', describePolicy(policy))] : []),
    line('Risk', `${risk}${idempotent === 'REQUIRED' ? '; an idempotency key is required' : ''}`),
    line('Events', emits.map(code).join(', ')),
  ]
  const why = Object.entries(reasons).map(([reason, meaning]) => [code(reason), meaning])
  return [
    `### ${name}`,
    description,
    facts.join('\n'),
    ...(why.length ? [tableOf(['Reason', 'Meaning'], why)] : []),
    inputTable(inputOf(schema, name, 'input')),
  ].join('\n\n')
}

const bulkPart = ({ name, description, of, most }: Bulk, { schema }: Subgraph): string =>
  [
    `### ${name}`,
    description,
    [
      line('Acts on', `${of.on.type}, up to ${most} at once, each as ${code(of.name)} would and by itself`),
      line('Who', of.allow.join(', ')),
      line('Risk', of.risk),
      line('Events', of.emits.map(code).join(', ')),
    ].join('\n'),
    inputTable(inputOf(schema, name, 'input')),
  ].join('\n\n')

const recordingPart = ({ name, description, emits }: Recording, { schema }: Subgraph): string =>
  [
    `### ${name}`,
    `${description} Idempotent by source and external id.`,
    [
      line('Who', `machines with the scope ${code('records:write')}`),
      line('Events', emits.map(code).join(', ')),
    ].join('\n'),
    inputTable(inputOf(schema, name, 'records')),
  ].join('\n\n')

/** `docs/actions.md`: every mutation, who may, when a second person is needed, why, with what, and what it leaves. */
export const actionsPage = (subgraphs: readonly Subgraph[]): string =>
  page(
    'Actions',
    'Every mutation that changes something, as the code declares it.',
    ...subgraphs.flatMap(subgraph => {
      const { actions, bulks = [], recordings = [], name } = subgraph
      if (actions.length + recordings.length === 0) return []
      return [
        `## ${name}`,
        ...byName(actions).map(action => actionPart(action, subgraph)),
        ...byName(bulks).map(bulk => bulkPart(bulk, subgraph)),
        ...byName(recordings).map(recording => recordingPart(recording, subgraph)),
      ]
    }),
  )

/** Each type's fields with who may read them, from all subgraphs that have a part of it. */
function permissionsByType(subgraphs: readonly Subgraph[]): Map<string, Map<string, readonly Access[]>> {
  const all = new Map<string, Map<string, readonly Access[]>>()
  for (const { permissions } of subgraphs)
    for (const [type, fields] of permissions) {
      const known = all.get(type) ?? new Map<string, readonly Access[]>()
      for (const [field, allow] of fields) known.set(field, allow)
      all.set(type, known)
    }
  return all
}

const ROLES = Object.values(Role)
const PERMISSIONS = Object.values(Permission)
const SHORT: Record<Role, string> = {
  SUPPORT_AGENT: 'SA',
  SUPPORT_LEAD: 'SL',
  RISK_AGENT: 'RA',
  FINANCE_ADMIN: 'FA',
  CATALOG_ADMIN: 'CA',
  SUPER_ADMIN: 'SU',
  AUDITOR: 'AU',
  REQUESTER: 'RQ',
  INTEGRATION: 'IN',
  SYSTEM: 'SYS',
}

const permissionRow = (field: string, allow: readonly Access[]): string[] => [
  code(field),
  ...ROLES.map(role => (allow.includes('PUBLIC') || allow.includes(role) ? '✓' : '')),
  PERMISSIONS.filter(permission => allow.includes(permission))
    .map(code)
    .join(', '),
  SCOPES.filter(scope => allow.includes(scope))
    .map(code)
    .join(', '),
]

/** Who has a permission by role, and who grants it to others. */
const permissionLine = (permission: Permission): string =>
  line(
    permission,
    `with the roles ${PERMISSION_HOLDERS[permission].join(', ')}; to others ${PERMISSION_GRANTERS[permission].join(' or ')} grant it with ${code('grantPermission')}`,
  )

/** `docs/permissions.md`: who may use which field; the golden matrix that a review looks at. */
export function permissionsPage(subgraphs: readonly Subgraph[]): string {
  const types = [...permissionsByType(subgraphs)].filter(([, fields]) => fields.size > 0)
  const root = ['Query', 'Mutation', 'Subscription']
  types.sort(([a], [b]) => root.indexOf(b) - root.indexOf(a) || (a < b ? -1 : 1))
  return page(
    'Permissions',
    'Who may use each field. Types that are not listed (sums, connections, payloads) are as open as the field that leads to them.',
    ROLES.map(role => `${SHORT[role]} ${role}`).join(' · '),
    PERMISSIONS.map(permissionLine).join('\n'),
    ...types.map(([type, fields]) => {
      const rows = [...fields]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([field, allow]) => permissionRow(field, allow))
      return `## ${type}\n\n${tableOf(['Field', ...ROLES.map(role => SHORT[role]), 'Or granted', 'Scopes of machines'], rows)}`
    }),
  )
}

const FOLDER = join(ROOT, 'shared', 'events')

/** The text of a block from its opening brace on. */
function blockAt(text: string, from: number): string {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(from, at + 1)
  }
  throw new Error('an interface of shared/events is not closed')
}

/** Members of an interface, each with its text, by name. */
function membersOf(block: string): Map<string, string> {
  const members = new Map<string, string>()
  let name = ''
  let depth = 0
  for (const one of block.slice(1, -1).split('\n')) {
    const start = depth === 0 ? /^\s*(\w+)\??:/.exec(one)?.[1] : undefined
    if (start) name = start
    if (name && one.trim() && !(depth === 0 && /^\s*(\/\*|\*|\/\/)/.test(one)))
      members.set(name, `${members.has(name) ? `${members.get(name)}\n` : ''}${one.replace(/^ {2}/, '')}`)
    depth += one.split('{').length - one.split('}').length
  }
  return members
}

const DECLARATION = /^(?:export )?(interface|type) (\w+)/gm

/** Shapes that events are made of: declarations of the file beside the interface of the events. */
function shapesOf(text: string): string[] {
  return [...text.matchAll(DECLARATION)].flatMap(({ 1: kind, 2: name, index }) => {
    if (name!.endsWith('Events')) return []
    // A union may go on over several lines, each after a bar.
    const ofUnion = () => index + text.slice(index).search(/\n(?!\s*\|)/)
    const end = kind === 'interface' ? text.indexOf('{', index) : ofUnion()
    const declaration =
      kind === 'interface' ? text.slice(index, end) + blockAt(text, end) : text.slice(index, end)
    return [declaration.replace(/^export /, '')]
  })
}

const fenced = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``

/** What happened, as `shared/events/<file>` publishes it: description and shape of each event. */
async function eventsOf(file: string): Promise<{ names: string[]; text: string }> {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  const name = basename(file, '.ts')
  const module: Record<string, Record<string, string>> = await import(`#shared/events/${name}.js`)
  const descriptions = Object.entries(module).find(([exported]) => exported.endsWith('_EVENTS'))?.[1]
  const at = /^export interface \w+Events[^{]*/m.exec(text)
  if (!descriptions || !at)
    throw new Error(`shared/events/${file} exports no interface …Events with descriptions …_EVENTS`)
  const members = membersOf(blockAt(text, at.index + at[0].length))
  const shapes = shapesOf(text)
  const names = Object.keys(descriptions)
  const parts = names.map(event => {
    const shape = members.get(event)
    if (!shape)
      throw new Error(`shared/events/${file} describes ${event}, but its interface has no such event`)
    return `### ${event}\n\n${descriptions[event]}\n\n${fenced(shape)}`
  })
  return {
    names,
    text: [`## ${name}`, ...(shapes.length ? [fenced(shapes.join('\n\n'))] : []), ...parts].join('\n\n'),
  }
}

/**
 * `docs/events.md`: the published language.
 * @throws when an action or recording leaves an event that nobody described
 */
export async function eventsPage(subgraphs: readonly Subgraph[]): Promise<string> {
  const files = readdirSync(FOLDER)
    .filter(file => file.endsWith('.ts'))
    .sort()
  const parts = await Promise.all(files.map(eventsOf))
  const known = new Set(parts.flatMap(({ names }) => names))
  const left = subgraphs
    .flatMap(({ actions, recordings = [] }) => [...actions, ...recordings])
    .flatMap(({ name, emits }) =>
      emits.filter(event => !known.has(event)).map(event => `${name} leaves ${event}`),
    )
  if (left.length) throw new Error(`Events that shared/events does not describe:\n- ${left.join('\n- ')}`)
  return page(
    'Events',
    'Everything that can happen, and what is said of it. A shape only ever grows: new fields are optional, or the event gets a new name. ' +
      'Texts about people are kept apart and can be erased, so readers have to take them as absent.',
    ...parts.map(({ text }) => text),
  )
}

/** `docs/errors.md`: the closed lists of codes. */
export const errorsPage = (): string =>
  page(
    'Errors',
    'Every code that a caller can meet. There are no others.',
    '## Refusals\n\nAn action that is refused answers `userErrors { code message field facts }`; nothing was changed.',
    tableOf(
      ['Code', 'Meaning'],
      Object.entries(REFUSALS).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Errors\n\nA request that fails answers `errors` with `extensions { code requestId }`.',
    tableOf(
      ['Code', 'Meaning'],
      Object.entries(ERROR_CODES).map(([name, meaning]) => [code(name), meaning]),
    ),
  )
