import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway'
import { GraphQLError } from 'graphql'
import { quiet } from '#gateway/quiet-log.js'
import type { Logger } from '#shared/log.js'
import { ROOT } from '#shared/root.js'

/**
 * The only file that knows @apollo/gateway (Elastic-2.0): what it exports is ours, so the planner can be exchanged here.
 */

// It reports to its maker every hour unless told otherwise, and reads this when a gateway is constructed.
process.env.APOLLO_TELEMETRY_DISABLED = 'true'

/** Where fetches for one subgraph go: into this process, or over HTTP. */
export type DataSource = GraphQLDataSource
export type Fetch = Parameters<DataSource['process']>[0]
export type FetchResult = Awaited<ReturnType<DataSource['process']>>

export interface SupergraphOptions {
  supergraphSdl: string
  /** Called once for each subgraph of the supergraph. */
  dataSource: (subgraph: string) => DataSource
  log: Logger
}

type Result = Awaited<ReturnType<ApolloGateway['executor']>>

type Path = readonly (string | number)[]

/** Where references of an operation led to nothing, by the `context` of the operation; `@` stands for any item of a list. */
type Nowhere = WeakMap<object, string[][]>

/**
 * Notes where a subgraph answered null for an entity and reported no error: it is not there any more, or not for this caller. An entity
 * that could not be read comes with an error, and is not noted.
 */
const noting = (source: DataSource, nowhere: Nowhere): DataSource => ({
  async process(fetch) {
    const result = await source.process(fetch)
    const entities: unknown = result.data?._entities
    const place = 'pathInIncomingRequest' in fetch && fetch.pathInIncomingRequest
    if (!place || !Array.isArray(entities) || !entities.includes(null)) return result
    const failed = new Set((result.errors ?? []).map(({ path }) => path?.[1]))
    if (entities.some((entity, at) => entity === null && !failed.has(at) && !failed.has(undefined)))
      nowhere.set(fetch.context, [...(nowhere.get(fetch.context) ?? []), place.map(String)])
    return result
  },
})

const isAt = (path: Path, place: readonly string[]): boolean =>
  path.length > place.length &&
  place.every((part, at) => (part === '@' ? typeof path[at] === 'number' : part === String(path[at])))

/** Whether the answer says null just there, and not further up: the schema lets it. */
function isNullAt(data: unknown, path: Path): boolean {
  let value = data
  for (const part of path) {
    if (value === null || typeof value !== 'object') return false
    value = (value as Record<string | number, unknown>)[part]
  }
  return value === null
}

/**
 * A null where the schema promises none is reported beside the errors, where no client looks: make it one of them. Not where a reference
 * led to something that this caller may not read, or that is gone: it is null, as "not yours" and "not there" are everywhere.
 */
const withCompletionErrors = (result: Result, nowhere: readonly string[][]): Result => {
  const { valueCompletion, ...extensions } = result.extensions ?? {}
  if (!valueCompletion) return result
  const found = (valueCompletion as { message: string; path?: Path }[])
    .filter(
      ({ path = [] }) =>
        !nowhere.some(place => isAt(path, place) && isNullAt(result.data, path.slice(0, place.length))),
    )
    .map(({ message, path }) => new GraphQLError(message, { path }))
  const errors = [...(result.errors ?? []), ...found]
  return {
    ...result,
    errors: errors.length ? errors : undefined,
    extensions: Object.keys(extensions).length ? extensions : undefined,
  }
}

/**
 * Plans operations over the subgraphs and runs the plans; to be given to Apollo Server as its `gateway`. The supergraph is
 * read once and never polled.
 */
export function createSupergraph({ supergraphSdl, dataSource, log }: SupergraphOptions) {
  const nowhere: Nowhere = new WeakMap()
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name }) => noting(dataSource(name), nowhere),
    logger: quiet(log),
    // The planner's own parsed document of each fetch: neither parsed nor validated again (gateway 7.1). Reusing the caller's
    // fragments makes nested ones cost seconds (250 characters: 3.9 s, without 0.3 s), and our subgraphs gain nothing by it (F18).
    queryPlannerConfig: { exposeDocumentNodeInFetchNode: true, reuseQueryFragments: false },
    // A header of any caller would print the plan.
    __exposeQueryPlanExperimental: false,
    telemetry: { recordExceptions: false },
  })
  return {
    onSchemaLoadOrUpdate: gateway.onSchemaLoadOrUpdate.bind(gateway),
    async load(options: Parameters<ApolloGateway['load']>[0]) {
      const { executor } = await gateway.load(options)
      return {
        executor: async (request: Parameters<typeof executor>[0]) =>
          withCompletionErrors(await executor(request), nowhere.get(request.context) ?? []),
      }
    },
    stop: () => gateway.stop(),
  }
}

/** Where `generate` puts the composed supergraph. */
const SUPERGRAPH_FILE = join(ROOT, 'schema', 'supergraph.graphql')

/**
 * The supergraph that was composed when the schema was generated.
 * @throws Error naming the command that makes it
 */
export const readSupergraph = (file = SUPERGRAPH_FILE): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} cannot be read. Make it with: npm run generate`)
  })

/** Whether the written supergraph was made of subgraphs that say just what these say; `npm run generate` writes both at once. */
export async function areAsWritten(subgraphs: readonly { name: string; sdl: string }[]): Promise<boolean> {
  const same = subgraphs.map(async ({ name, sdl }) => {
    const written = await readFile(join(dirname(SUPERGRAPH_FILE), `${name}.graphql`), 'utf8').catch(
      () => null,
    )
    return written === sdl
  })
  const supergraph = await readFile(SUPERGRAPH_FILE, 'utf8').catch(() => null)
  return supergraph !== null && (await Promise.all(same)).every(Boolean)
}
