import {
  type Candidate,
  IdentifierKind,
  oneEditApart,
  type PartKind,
  type Reading,
  tidy,
} from '#shared/identifier.js'
import type { EntityName } from '../stubs.js'
import type { Found } from './find.js'

export type How = 'EXACT' | 'NORMALISED' | 'PREFIX' | 'SUFFIX' | 'FRAGMENT' | 'FUZZY'

/** An entity, and the best reason why it was found. */
export interface Hit {
  id: string
  type: EntityName
  /** What of the entity matched. */
  field: IdentifierKind
  how: How
  /** What the typed text was taken for. */
  detectedAs: IdentifierKind
  /** The identifier, as the entity bears it. */
  text: string
  /** 1 exact, towards 0 the vaguer. */
  score: number
}

const WHOLE: Record<PartKind, IdentifierKind> = {
  NAME_WORD: IdentifierKind.NAME,
  EMAIL_DOMAIN: IdentifierKind.EMAIL,
}
const fieldOf = (kind: Found['kind']): IdentifierKind => WHOLE[kind as PartKind] ?? (kind as IdentifierKind)

const SCORES: Record<How, number> = {
  EXACT: 1,
  NORMALISED: 0.95,
  PREFIX: 0.6,
  SUFFIX: 0.5,
  FRAGMENT: 0.4,
  FUZZY: 0.3,
}
/** What a match gains by being nearly all of the identifier. */
const COVER = 0.2
/** What a word out of a longer text loses against the text itself. */
const LOOSE = 0.2

/** The best hit of each entity, best first; ties in a fixed order, so that pages fit together. Typos that are none are left out. */
export function rank(found: readonly Found[], reading: Reading): Hit[] {
  const best = new Map<string, Hit>()
  for (const one of found) {
    const hit = hitOf(one, reading)
    if (hit && !(best.get(hit.id)?.score ?? -1 >= hit.score)) best.set(hit.id, hit)
  }
  return [...best.values()].sort(
    (a, b) => b.score - a.score || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.id < b.id ? -1 : 1),
  )
}

function hitOf(found: Found, reading: Reading): Hit | null {
  if (found.tier === 1) return exact(found, reading.candidates)
  if (found.tier === 5)
    return reading.words.some(word => oneEditApart(word, found.norm)) ? part(found, 'FUZZY', reading) : null
  return part(found, ({ 2: 'PREFIX', 3: 'SUFFIX', 4: 'FRAGMENT' } as const)[found.tier], reading)
}

function exact(found: Found, candidates: readonly Candidate[]): Hit | null {
  const candidate = candidates.find(({ kind, norm }) => kind === found.kind && norm === found.norm)
  if (!candidate) return null
  const how = tidy(found.display) === candidate.typed ? 'EXACT' : 'NORMALISED'
  return {
    ...base(found),
    how,
    detectedAs: candidate.kind,
    score: SCORES[how] - (candidate.loose ? LOOSE : 0),
  }
}

function part(found: Found, how: How, { text, kinds }: Reading): Hit {
  const field = fieldOf(found.kind)
  const cover = Math.min(1, text.length / Math.max(1, found.display.length))
  const detectedAs = kinds.includes(field) ? field : (kinds[0] ?? field)
  return { ...base(found), how, detectedAs, score: Math.round((SCORES[how] + COVER * cover) * 1000) / 1000 }
}

const base = ({ entity_id, entity_type, kind, display }: Found) => ({
  id: entity_id,
  type: entity_type,
  field: fieldOf(kind),
  text: display,
})
