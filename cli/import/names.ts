import { didYouMean } from 'graphql/jsutils/didYouMean.js'
import { suggestionList } from 'graphql/jsutils/suggestionList.js'

/** What the caller said about names that are not ours. */
export interface Renames {
  /** Theirs → ours, both dotted. */
  map: ReadonlyMap<string, string>
  ignore: ReadonlySet<string>
  /** `--ignore '*'`: whatever is not known. */
  ignoreUnknown: boolean
  /** Of `map` and `ignore`: those that some file had. */
  used: Set<string>
}

export const noRenames = (): Renames => ({
  map: new Map(),
  ignore: new Set(),
  ignoreUnknown: false,
  used: new Set(),
})

/** Reads `--map a=b --ignore c,d`. */
export function readRenames(maps: readonly string[], ignores: readonly string[]): Renames {
  const map = maps
    .flatMap(one => one.split(','))
    .map(pair => {
      const [theirs, ours, ...more] = pair.split('=').map(name => name.trim())
      if (!theirs || !ours || more.length)
        throw new Error(`--map wants theirs=ours, e.g. customer_id=buyer; got "${pair}"`)
      return [theirs, ours] as const
    })
  const ignore = ignores.flatMap(list => list.split(',')).flatMap(name => name.trim() || [])
  return {
    map: new Map(map),
    ignore: new Set(ignore.filter(name => name !== '*')),
    ignoreUnknown: ignore.includes('*'),
    used: new Set(),
  }
}

/** Those that no file had: most likely typos. */
export const unusedRenames = ({ map, ignore, used }: Renames): string[] =>
  [...map.keys(), ...ignore].filter(name => !used.has(name))

/** `external_id`, `External ID` and `externalId` are one name. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '')

/** ` Did you mean "buyer"?`, or nothing. */
export const hint = (name: string, known: readonly string[]): string =>
  didYouMean(suggestionList(name, known))
