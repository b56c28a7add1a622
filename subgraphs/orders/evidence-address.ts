const LONGEST = 2_000

/** Whether a piece of evidence is an address rather than an entity's id: https alone, so that a click never runs or leaks anything. */
export const isAddress = (text: string): boolean =>
  text.length <= LONGEST && URL.canParse(text) && new URL(text).protocol === 'https:' && !/\s/.test(text)
