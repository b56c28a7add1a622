import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Attachment, Email } from 'postal-mime'
import { isWhatItSays } from '#gateway/file-content.js'
import { cleanLine } from '#gateway/mail-text.js'
import type { Config } from '#shared/config.js'
import {
  cleanFilename,
  type FileKind,
  fileKind,
  kindByEnding,
  MAX_FILE_BYTES,
  MOST_FILES,
} from '#shared/file-kinds.js'
import { type FileStore, openFileStore, storageKey, withIncomingFile } from '#shared/file-store.js'
import { externalId } from '#shared/id.js'

/** So many are named; of more there are only so many more. */
const MOST_NAMED = 99

/** A file of a mail that is taken, as `receiveMail` wants it. */
interface MailedFile {
  attachmentId: string
  filename: string
  mime: FileKind
  bytes: number
  sha256: string
}

/** A taken one, and what is in it. */
interface Kept extends MailedFile {
  content: Buffer
}

/** What came with a mail: all by name, what is taken, and why the rest is not. */
export interface MailFiles {
  files: string[]
  refused: string[]
  taken: Kept[]
}

const isReport = ({ mimeType }: Attachment): boolean => /^(message\/|text\/rfc822-headers)/.test(mimeType)

const contentOf = ({ content }: Attachment): Buffer =>
  typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer)

const nameOf = ({ filename }: Attachment): string => cleanLine(filename ?? '', 100) || 'unnamed'

const called = (one: Attachment, bytes: number): string =>
  `${nameOf(one)} (${Math.max(1, Math.round(bytes / 1024))} KB)`

/** Kinds by which mail programs send what they do not know, or know by another name. */
const SAYS_NOTHING = new Set(['application/octet-stream', 'image/jpg', 'image/pjpeg', 'application/x-pdf'])

/** What mail programs call things is no more than a hint; what counts is the content. */
const kindOf = ({ mimeType, filename }: Attachment): FileKind | null =>
  fileKind(mimeType) ?? (SAYS_NOTHING.has(mimeType) ? kindByEnding(filename ?? '') : null)

/** A content by way of a file, as everything is looked at and stored. */
const asFile = <T>(
  config: Pick<Config, 'dataDir'>,
  content: Buffer,
  work: (file: string) => Promise<T>,
): Promise<T> =>
  withIncomingFile(config, async file => {
    await writeFile(file, content, { mode: 0o600, flag: 'wx' })
    return work(file)
  })

/** Names as long as there is room for them, then how many more there are. */
function named(names: string[]): string[] {
  if (names.length <= MOST_NAMED) return names
  return [...names.slice(0, MOST_NAMED), `and ${names.length - MOST_NAMED} more`]
}

/**
 * Looks through what came with a mail by the same rules as uploads: how many, how large, of which kind, and that by its content (C16).
 * Pictures inside of the text are taken like all others, after what was attached.
 */
export async function filesIn(
  { attachments }: Email,
  mailId: string,
  config: Pick<Config, 'dataDir'>,
  isBounce: boolean,
): Promise<MailFiles> {
  const all = attachments
    .filter(one => !(isBounce && isReport(one)))
    .toSorted((a, b) => Number(a.related ?? false) - Number(b.related ?? false))
  const found: MailFiles = { files: [], refused: [], taken: [] }
  for (const one of all) {
    const content = contentOf(one)
    const name = called(one, content.length)
    found.files.push(name)
    const why = await whyNot(one, content, found.taken.length, config)
    if (why) found.refused.push(`${name}: ${why}`)
    else found.taken.push(kept(one, content, externalId('att', 'mail', `${mailId}/${found.files.length}`)))
  }
  return { ...found, files: named(found.files), refused: named(found.refused) }
}

/** Null: it is taken. */
async function whyNot(
  one: Attachment,
  content: Buffer,
  taken: number,
  config: Pick<Config, 'dataDir'>,
): Promise<string | null> {
  if (content.length === 0) return 'it is empty'
  if (content.length > MAX_FILE_BYTES) return `more than ${MAX_FILE_BYTES} bytes`
  const kind = kindOf(one)
  if (!kind) return 'files of this kind are not taken'
  if (taken >= MOST_FILES) return `at most ${MOST_FILES} files are taken with one mail`
  const fits = await asFile(config, content, file => isWhatItSays(file, kind))
  return fits ? null : `its content is not ${kind}`
}

function kept(one: Attachment, content: Buffer, attachmentId: string): Kept {
  const mime = kindOf(one)!
  return {
    attachmentId,
    filename: cleanFilename(one.filename ?? '', mime),
    mime,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    content,
  }
}

/** Puts files of mails where all files lie. */
export class MailStore {
  #store: Promise<FileStore> | undefined

  constructor(readonly config: Pick<Config, 'dataDir' | 'files'>) {}

  /** Again: the same. @throws Error when the store cannot do it now */
  async put(files: readonly Kept[]): Promise<void> {
    if (files.length === 0) return
    const store = await this.#open()
    for (const { content, ...facts } of files)
      await asFile(this.config, content, file =>
        store.put(storageKey(facts.sha256, facts.attachmentId), file, facts),
      )
  }

  /** Of a mail that was not taken after all. */
  async forget(files: readonly Kept[]): Promise<void> {
    if (files.length === 0) return
    const store = await this.#open()
    for (const { sha256, attachmentId } of files) await store.delete(storageKey(sha256, attachmentId))
  }

  #open(): Promise<FileStore> {
    this.#store ??= openFileStore(this.config)
    return this.#store
  }
}
