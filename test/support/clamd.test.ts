import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Clamd } from '#subgraphs/support/attachments/scanners/clamd.js'
import { EICAR, TestClamd } from '../kit/clamd.js'

async function* pieces(...parts: Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}
const calm = () => AbortSignal.timeout(10_000)

describe('clamd by INSTREAM', () => {
  let clamd: TestClamd
  beforeEach(async () => {
    clamd = await TestClamd.start()
  })
  afterEach(() => clamd.stop())

  test('what is sent in pieces arrives whole, and its verdict comes back', async () => {
    const scanner = new Clamd(clamd.url)
    const big = Buffer.alloc(3 * 1024 * 1024, 'lamp')
    expect(await scanner.scan(pieces(Buffer.from('a'), Buffer.alloc(0), big), calm())).toEqual({
      infected: false,
      signature: null,
    })
    expect(clamd.seen[0]!.equals(Buffer.concat([Buffer.from('a'), big]))).toBe(true)
    expect(await scanner.scan(pieces(EICAR.subarray(0, 20), EICAR.subarray(20)), calm())).toEqual({
      infected: true,
      signature: 'Eicar-Test-Signature',
    })
  })

  test('by a Unix socket too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'clamd-'))
    const local = await TestClamd.start({ path: join(dir, 'clamd.ctl') })
    expect(await new Clamd(local.url).scan(pieces(EICAR), calm())).toMatchObject({ infected: true })
    await local.stop()
    rmSync(dir, { recursive: true })
  })

  test('whoever does not answer plainly has not found it clean', async () => {
    const scanner = new Clamd(clamd.url)
    const scan = (signal = calm()) => scanner.scan(pieces(Buffer.alloc(200_000, 1)), signal)
    clamd.mood = 'drop'
    await expect(scan()).rejects.toThrow()
    clamd.mood = 'garble'
    await expect(scan()).rejects.toThrow('clamd says: HTTP/1.1')
    clamd.mood = 'hang'
    await expect(scan(AbortSignal.timeout(200))).rejects.toThrow('clamd took too long')
    clamd.mood = 'answer'
    clamd.most = 1000
    await expect(scan()).rejects.toThrow()
    await expect(scanner.scan(pieces(Buffer.alloc(2000)), calm())).rejects.toThrow('size limit exceeded')
    await clamd.stop()
    await expect(scan()).rejects.toThrow('ECONNREFUSED')
  })

  test('what cannot be read to its end is not found clean either', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('half')
      throw new Error('the store broke off')
    }
    await expect(new Clamd(clamd.url).scan(broken(), calm())).rejects.toThrow('the store broke off')
    expect(clamd.seen).toEqual([])
  })
})
