import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { isWhatItSays } from '#gateway/file-content.js'
import { type ConfigError, loadConfig } from '#shared/config.js'
import { cleanFilename, type FileKind, fileKind } from '#shared/file-kinds.js'
import { until, World } from '../kit/world.js'
import { begin, complete, FakeS3, PNG, picture, put, seen, sendFile, sha256, take } from './files.js'

test.each([
  ['C:\\Users\\me\\résumé.pdf', 'application/pdf', 'résumé.pdf'],
  ['/etc/passwd', 'text/plain', 'passwd.txt'],
  ['invoice.pdf.exe', 'application/pdf', 'invoice.pdf.exe.pdf'],
  ['a\u202egpj.exe', 'image/jpeg', 'agpj.exe.jpg'],
  ['line\r\nbreak\t"x".PNG', 'image/png', 'linebreakx.png'],
  ['...', 'image/png', 'file.png'],
  ['', 'text/csv', 'file.csv'],
  ['\ud800', 'text/csv', 'file.csv'],
  ['写真.JPEG', 'image/jpeg', '写真.jpeg'],
  [`${'x'.repeat(900)}.gif`, 'image/gif', `${'x'.repeat(120)}.gif`],
] as const)('a name is cleaned: %j', (name, kind, clean) => {
  expect(cleanFilename(name, kind)).toBe(clean)
})

test('kinds are a closed list', () => {
  expect(fileKind('Image/PNG; charset=x')).toBe('image/png')
  for (const mime of ['text/html', 'image/svg+xml', 'application/zip', 'toString', ''])
    expect(fileKind(mime)).toBeNull()
})

/** An archive with nothing in it but these names. */
function archive(...names: string[]): Buffer {
  const entries = names.map(name => {
    const entry = Buffer.alloc(46 + name.length)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(name.length, 28)
    entry.write(name, 46)
    return entry
  })
  const list = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(names.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(4, 16)
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), list, end])
}

describe('what a file is', () => {
  const dir = mkdtempSync(join(tmpdir(), 'opsgraph-content-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const ftyp = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0${brand}mp42`, 'latin1')
  const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

  test.each<[FileKind, string, Buffer, boolean]>([
    ['image/png', 'a picture', PNG, true],
    ['image/jpeg', 'a picture', Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'), true],
    ['image/gif', 'a picture', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'), true],
    [
      'image/webp',
      'a picture',
      Buffer.from('RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1'),
      true,
    ],
    ['image/heic', 'a picture', ftyp('heic'), true],
    ['image/heic', 'a film', ftyp('isom'), false],
    ['video/mp4', 'a film', ftyp('isom'), true],
    ['video/mp4', 'a QuickTime film', ftyp('qt  '), false],
    ['application/pdf', 'a document', Buffer.from('%PDF-1.4\n%%EOF\n'), true],
    ['application/pdf', 'HTML', Buffer.from('<html>%PDF-1.4'), false],
    ['text/plain', 'words', Buffer.from('Ärger <b>ohne</b> Ende\r\n'), true],
    ['text/plain', 'words of another encoding', Buffer.from([0xc4, 0x72, 0x67, 0x65, 0x72]), true],
    ['text/plain', 'zeros', Buffer.from('a\0b'), false],
    ['text/csv', 'a table', Buffer.from('a;b\n1;2\n'), true],
    ['text/csv', 'markup behind a mark', Buffer.from('\ufeff<svg>'), false],
    [DOCX, 'a document', archive('[Content_Types].xml', 'word/document.xml'), true],
    [DOCX, 'a table', archive('[Content_Types].xml', 'xl/workbook.xml'), false],
    [
      DOCX,
      'one with macros',
      archive('[Content_Types].xml', 'word/document.xml', 'word/vbaProject.bin'),
      false,
    ],
    [XLSX, 'a table', archive('[Content_Types].xml', 'xl/workbook.xml'), true],
    [XLSX, 'an archive', archive('evil.exe'), false],
    [XLSX, 'a broken one', Buffer.from('PK\x03\x04PK\x05\x06', 'latin1'), false],
  ])('%s: %s', async (kind, _what, content, expected) => {
    const file = join(dir, 'file')
    writeFileSync(file, content)
    expect(await isWhatItSays(file, kind)).toBe(expected)
  })
})

describe('settings of the store', () => {
  const problems = (env: Record<string, string>): readonly string[] => {
    try {
      loadConfig(env)
      return []
    } catch (error) {
      return (error as ConfigError).problems
    }
  }

  test('S3 wants all of its own; a process without files needs none', () => {
    expect(problems({ FILES: 's3' }).map(problem => problem.split(' ')[0])).toEqual([
      'S3_ENDPOINT',
      'S3_BUCKET',
      'S3_REGION',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
    ])
    expect(problems({ FILES: 's3', SUBGRAPH: 'orders' })).toEqual([])
    expect(problems({ FILES: 'ftp' })[0]).toContain('FILES is "ftp"')
    expect(problems({ S3_ENDPOINT: 'http://files.example' })[0]).toContain('https')
    expect(loadConfig({}).files).toEqual({ store: 'disk' })
  })
})

describe('a bucket, with the product in seven processes', () => {
  const s3 = new FakeS3()
  let world: World

  beforeAll(async () => {
    world = await World.open('buckets', { topology: 'distributed', env: await s3.start() })
  })
  afterAll(async () => {
    await world?.close()
    s3.stop()
  })

  test('files are sent, taken and erased; while it is down nothing is lost', async () => {
    const { sam, lea, shop } = await world.people()
    await shop.record('organizations', [{ source: 'shop', externalId: 's', name: 'S', members: [] }])
    const { organizations } = await sam.ask('{ organizations { nodes { id } } }')
    const { ticket } = await sam.act(
      'openTicket',
      { subject: 'A', description: 'B', linkedEntityIds: [organizations.nodes[0].id] },
      'ticket { id }',
    )
    const content = picture('in a bucket')
    const { uploadUrl, attachment } = await begin(sam, content, { ticketId: ticket.id })
    s3.isDown = true
    expect((await put(sam, uploadUrl, content)).status).toBe(503)
    s3.isDown = false
    expect((await put(sam, uploadUrl, content)).status).toBe(200)
    const key = `/support-attachments/${sha256(content).slice(0, 2)}/${sha256(content)}-${attachment.id}`
    expect(s3.objects.get(key)?.equals(content)).toBe(true)
    const { downloadUrl } = (await complete(sam, attachment.id)).attachment
    expect((await take(sam, downloadUrl)).content.equals(content)).toBe(true)
    expect(await seen(lea, attachment.id)).toMatchObject({ state: 'READY' })
    s3.isDown = true
    expect((await take(sam, downloadUrl)).status).toBe(503)
    await lea.act('removeAttachment', { attachmentId: attachment.id, reason: 'DUPLICATE' })
    s3.isDown = false
    world.advance(60_000)
    await until(() => !s3.objects.has(key))
    const large = Buffer.concat([PNG, Buffer.alloc(25 * 1024 * 1024 - PNG.length, 'x')])
    const big = await sendFile(sam, large, { ticketId: ticket.id })
    expect((await take(sam, big.downloadUrl)).content.equals(large)).toBe(true)
    expect(s3.refused).toEqual([])
  })
})
