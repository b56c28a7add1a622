import { refuse } from '#shared/refusal.js'

/** Most tags of one ticket, and of what somebody covers. */
export const MAX_TAGS = 20

const TAG = /^[\p{L}\p{N}][\p{L}\p{N}-]{0,39}$/u

/** Tags in their one spelling: small letters, dashes for blanks. @throws Refusal INVALID naming the one that is none */
export function tagsOf(texts: readonly string[], field: string): string[] {
  const tags = texts.map(text =>
    text
      .normalize('NFKC')
      .trim()
      .toLowerCase()
      .replace(/[\s_]+/g, '-'),
  )
  const bad = tags.findIndex(tag => !TAG.test(tag))
  if (bad >= 0) refuse('INVALID', 'A tag has 1 to 40 letters, digits and dashes.', `${field}.${bad}`)
  return [...new Set(tags)]
}
