/** The largest file that is taken, bytes: 25 MiB. */
export const MAX_FILE_BYTES = 25 * 1024 * 1024
/** So many files go with one message, or are taken with one mail. */
export const MOST_FILES = 10

/** What is taken, and by which endings each is known; the first is given to names that have none of them. */
const FILE_KINDS = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/heic': ['heic', 'heif'],
  'application/pdf': ['pdf'],
  'text/plain': ['txt', 'log', 'md'],
  'text/csv': ['csv'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'video/mp4': ['mp4', 'm4v'],
} as const

export type FileKind = keyof typeof FILE_KINDS
export const FILE_KIND_NAMES = Object.keys(FILE_KINDS) as FileKind[]

/** `Image/PNG; q=1` → `image/png`; null for what is not taken: HTML, SVG, archives, programs and all else that is not named (C16). */
export function fileKind(mime: string): FileKind | null {
  const plain = mime.split(';')[0]!.trim().toLowerCase()
  return Object.hasOwn(FILE_KINDS, plain) ? (plain as FileKind) : null
}

/** `Shot.PNG` → `image/png`; null for names without an ending that is known. */
export function kindByEnding(filename: string): FileKind | null {
  const ending = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? ''
  return FILE_KIND_NAMES.find(kind => (FILE_KINDS[kind] as readonly string[]).includes(ending)) ?? null
}

/** What does not show, changes direction or cannot be printed, and what file systems and headers give a meaning to. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu
const LONGEST_NAME = 120

/**
 * A name that is safe to show, to store and to send: the last part of a path, without control, invisible and direction-changing
 * characters, with an ending that fits the kind (security 2.9).
 */
export function cleanFilename(name: string, kind: FileKind): string {
  const last = name.normalize('NFKC').split(/[/\\]/).at(-1)!
  const tidy = last
    .replace(UNFIT, '')
    .replace(/\s+/g, ' ')
    .replace(/[. ]+$/, '')
  const [, stem = tidy, ending = ''] = /^(.*)\.([^.]+)$/s.exec(tidy) ?? []
  const endings: readonly string[] = FILE_KINDS[kind]
  const known = endings.includes(ending.toLowerCase())
  const bare = (known ? stem : tidy).replace(/^[. ]+|[. ]+$/g, '')
  const base = [...bare].slice(0, LONGEST_NAME).join('').trim()
  return `${base || 'file'}.${known ? ending.toLowerCase() : endings[0]}`
}
