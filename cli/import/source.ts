import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { FileError } from './draft.js'

const CHUNK = 256 * 1024

/** A file's bytes as UTF-8, with an eye on how many were read and whether they really are. */
export interface Source {
  path: string
  /** Bytes on disk. */
  size: number
  bytes: AsyncIterable<Buffer>
  /** Bytes of the disk read so far, for the progress bar. */
  read(): number
  /** Whether something came by that is no UTF-8: then U+FFFD in a text is damage, not text. */
  isBroken(): boolean
}

/** How many bytes at the end begin a character that the next chunk completes. */
function unfinished(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0
  }
  return 0
}

class Utf8Watch {
  private rest: Buffer = Buffer.alloc(0)
  broken = false

  see(chunk: Buffer): void {
    const whole = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk
    const end = whole.length - unfinished(whole)
    if (!isUtf8(whole.subarray(0, end))) this.broken = true
    this.rest = whole.subarray(end)
  }
}

function refuseOtherEncodings(path: string, start: Buffer): void {
  const [first, second] = start
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (!isUtf16 && !start.subarray(0, 1024).includes(0)) return
  const name = second === 0xff || start[0] === 0 ? 'utf-16be' : 'utf-16le'
  throw new FileError(
    isUtf16 || start.subarray(0, 64).includes(0)
      ? `is not UTF-8 but looks like UTF-16: import it with --encoding ${name}`
      : `holds zero bytes, so ${path} is no text file`,
  )
}

const decoderOf = (encoding: string): TextDecoder => {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new FileError(
      `"${encoding}" is not an encoding known here; try utf-8, windows-1252, utf-16le or shift_jis`,
    )
  }
}

function decode(decoder: TextDecoder, chunk?: Buffer): Buffer {
  try {
    return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }), 'utf8')
  } catch {
    throw new FileError(`is not ${decoder.encoding} as --encoding says`)
  }
}

/**
 * Opens a file, unpacked if it ends in `.gz`.
 * @param encoding what it is written in, when that is not UTF-8
 */
export async function openSource(path: string, encoding?: string): Promise<Source> {
  const { size } = await stat(path)
  const file = createReadStream(path, { highWaterMark: CHUNK })
  const packed = path.endsWith('.gz')
  const watch = new Utf8Watch()
  let read = 0
  file.on('data', chunk => {
    read += chunk.length
  })
  const raw: Readable = packed
    ? file.on('error', error => raw.destroy(error)).pipe(createGunzip({ chunkSize: CHUNK }))
    : file
  file.pause()
  async function* bytes(): AsyncGenerator<Buffer> {
    const decoder = encoding ? decoderOf(encoding) : null
    let start = true
    try {
      for await (const chunk of raw as AsyncIterable<Buffer>) {
        if (start && !decoder) refuseOtherEncodings(path, chunk)
        start = false
        const text = decoder ? decode(decoder, chunk) : chunk
        watch.see(text)
        yield text
      }
      if (decoder) yield decode(decoder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code?.startsWith('Z_'))
        throw new FileError('is not a whole gzip file')
      throw error
    } finally {
      file.destroy()
    }
  }
  return { path, size, bytes: bytes(), read: () => read, isBroken: () => watch.broken }
}

/** The source as a stream, for parsers that want one. */
export const streamOf = (source: Source): Readable => Readable.from(source.bytes)
