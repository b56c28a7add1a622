import { open, readFile } from 'node:fs/promises'
import type { FileKind } from '#shared/file-kinds.js'

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Enough for every signature, and for what markup begins with. */
const HEAD = 4096
/** The end of an archive and the longest comment behind it; no list of the contents of a document is longer. */
const TAIL = 66_000
const LONGEST_LIST = 1024 * 1024

const begins = (head: Buffer, text: string, at = 0): boolean =>
  head.toString('latin1', at, at + text.length) === text

type Look = (head: Buffer, file: string) => boolean | Promise<boolean>

/** What the content has to be for a kind. Signatures come first: only what looks right is given to a parser at all. */
const LOOKS: Record<FileKind, Look> = {
  'image/png': (head, file) => begins(head, '\x89PNG\r\n\x1a\n') && isOf(file, 'image/png', 'image/apng'),
  'image/jpeg': (head, file) => begins(head, '\xff\xd8\xff') && isOf(file, 'image/jpeg'),
  'image/gif': (head, file) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6)) && isOf(file, 'image/gif'),
  'image/webp': (head, file) => begins(head, 'RIFF') && begins(head, 'WEBP', 8) && isOf(file, 'image/webp'),
  'image/heic': (head, file) =>
    begins(head, 'ftyp', 4) && isOf(file, 'image/heic', 'image/heif', 'image/heic-sequence'),
  'application/pdf': (head, file) => begins(head, '%PDF-') && isOf(file, 'application/pdf'),
  'video/mp4': (head, file) => begins(head, 'ftyp', 4) && isOf(file, 'video/mp4', 'video/x-m4v'),
  'text/plain': (head, file) => isText(head, file),
  'text/csv': (head, file) => isText(head, file),
  [DOCX]: (head, file) => begins(head, 'PK\x03\x04') && isDocument(file, 'word/document.xml'),
  [XLSX]: (head, file) => begins(head, 'PK\x03\x04') && isDocument(file, 'xl/workbook.xml'),
}

/** Whether a file is what its kind says, by its content (security 2.9). Its name says nothing. */
export async function isWhatItSays(file: string, kind: FileKind): Promise<boolean> {
  const head = await part(file, size => ({ at: 0, length: Math.min(size, HEAD) }))
  return LOOKS[kind](head, file)
}

async function isOf(file: string, ...kinds: string[]): Promise<boolean> {
  const { fileTypeFromFile } = await import('file-type')
  const found = await fileTypeFromFile(file)
  return found !== undefined && kinds.includes(found.mime)
}

async function part(file: string, which: (size: number) => { at: number; length: number }): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const { at, length } = which((await handle.stat()).size)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, at)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Markup that a browser could be talked into showing, and scripts that a shell would run. */
const ACTIVE = /^(?:\xef\xbb\xbf)?\s*(?:<[a-z!?/%]|#!)/i

/** No control characters but those of lines and columns; in any encoding of single bytes or UTF-8. */
async function isText(head: Buffer, file: string): Promise<boolean> {
  if (ACTIVE.test(head.toString('latin1'))) return false
  const content = await readFile(file)
  return content.every(byte => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b))
}

const END_OF_LIST = 0x06054b50
const ENTRY = 0x02014b50

/**
 * An Office document by the names in its archive, without unpacking any of it: a small archive can hold gigabytes. With macros it is none
 * that is taken.
 */
async function isDocument(file: string, main: string): Promise<boolean> {
  const names = await namesIn(file)
  if (!names?.includes(main) || !names.includes('[Content_Types].xml')) return false
  return !names.some(name => /vbaProject\.bin$|\.(exe|dll|js|vbs|bat|cmd|ps1|jar|html?|svg)$/i.test(name))
}

/** Null when it is not an archive that can be read from its end, as all are. */
async function namesIn(file: string): Promise<string[] | null> {
  const tail = await part(file, size => ({ at: Math.max(0, size - TAIL), length: Math.min(size, TAIL) }))
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || end + 22 > tail.length || tail.readUInt32LE(end) !== END_OF_LIST) return null
  const [count, length, at] = [
    tail.readUInt16LE(end + 10),
    tail.readUInt32LE(end + 12),
    tail.readUInt32LE(end + 16),
  ]
  if (length > LONGEST_LIST) return null
  const list = await part(file, size => ({
    at: Math.min(at, size),
    length: Math.min(length, Math.max(0, size - at)),
  }))
  const names: string[] = []
  for (let entry = 0, n = 0; n < count; n++) {
    if (entry + 46 > list.length || list.readUInt32LE(entry) !== ENTRY) return null
    const [name, extra, comment] = [28, 30, 32].map(offset => list.readUInt16LE(entry + offset)) as [
      number,
      number,
      number,
    ]
    names.push(list.toString('utf8', entry + 46, entry + 46 + name))
    entry += 46 + name + extra + comment
  }
  return names
}
