import { afterAll, describe, expect, test } from '@jest/globals'
import { noRenames, readRenames } from '../../cli/import/names.js'
import { complaints, Folder, read, values } from './desk.js'

const folder = new Folder()
afterAll(() => folder.clear())

const checkouts = (...lines: string[]) => folder.write('checkouts.csv', lines.join('\n'))
const users = (content: string | Buffer) => folder.write('users.csv', content)
const usd = (amount: number) => ({ amount, currency: 'USD' })

describe('rows become records', () => {
  test('rows with one external id are one record, and each level goes by its own ids', async () => {
    const drafts = await read(
      checkouts(
        'externalId,buyer,placedAt,orders.externalId,orders.seller,orders.lines.title,orders.lines.quantity,orders.lines.unitPrice,currency',
        'c1,u1,2026-04-01,o1,s1,Lamp,2,58.90,USD',
        'c1,,,o1,,Shade,1,10,USD',
        'c1,u1,,o2,s2,Vase,1,5.5,USD',
        'c2,u2,2026-04-02,o3,s1,Rug,1,100.00,USD',
      ),
    )
    expect(complaints(drafts)).toEqual([])
    expect(values(drafts)).toEqual([
      {
        externalId: 'c1',
        buyer: 'u1',
        placedAt: '2026-04-01T00:00:00.000Z',
        orders: [
          {
            externalId: 'o1',
            seller: 's1',
            lines: [
              { title: 'Lamp', quantity: 2, unitPrice: usd(5890) },
              { title: 'Shade', quantity: 1, unitPrice: usd(1000) },
            ],
          },
          { externalId: 'o2', seller: 's2', lines: [{ title: 'Vase', quantity: 1, unitPrice: usd(550) }] },
        ],
      },
      {
        externalId: 'c2',
        buyer: 'u2',
        placedAt: '2026-04-02T00:00:00.000Z',
        orders: [
          { externalId: 'o3', seller: 's1', lines: [{ title: 'Rug', quantity: 1, unitPrice: usd(10000) }] },
        ],
      },
    ])
  })

  test('a line that is repeated with the same id is one line', async () => {
    const drafts = await read(
      checkouts(
        'externalId,orders.externalId,orders.lines.externalId,orders.lines.title,payment.allocations.order,payment.allocations.amount,currency',
        'c1,o1,l1,Lamp,o1,5,USD',
        'c1,o1,l1,Lamp,o2,6,USD',
      ),
    )
    expect(values(drafts)).toEqual([
      {
        externalId: 'c1',
        orders: [{ externalId: 'o1', lines: [{ externalId: 'l1', title: 'Lamp' }] }],
        payment: {
          allocations: [
            { order: 'o1', amount: usd(500) },
            { order: 'o2', amount: usd(600) },
          ],
        },
      },
    ])
  })

  test('rows that contradict each other are told apart by line', async () => {
    const drafts = await read(
      checkouts('externalId,buyer,orders.externalId,orders.number', 'c1,u1,o1,7', 'c1,u2,o1,8'),
    )
    expect(complaints(drafts)).toEqual([
      '3: buyer is "u2" here, but "u1" in line 2',
      '3: orders.0.number is "8" here, but "7" in line 2',
    ])
  })

  test('rows of one record that stand apart are refused, never recorded by halves in silence', async () => {
    const drafts = await read(checkouts('externalId,orders.externalId', 'c1,o1', 'c2,o2', 'c1,o3'))
    expect(complaints(drafts)).toEqual([
      '4: externalId has rows further up as well: sort the file by externalId',
    ])
  })

  test('without lists each row is a record, the same one too', async () => {
    expect(
      values(await read(users('externalId,name\n1,Ada\n2,Ben\n1,Ada L.\n'))).map(
        (user: { name: string }) => user.name,
      ),
    ).toEqual(['Ada', 'Ben', 'Ada L.'])
  })
})

describe('sums are exact', () => {
  const priced = async (...lines: string[]) => read(folder.write('payouts.csv', lines.join('\n')))

  test.each([
    ['58.90', 'USD', 5890],
    ['0.1', 'USD', 10],
    ['1000', 'JPY', 1000],
    ['12.750', 'KWD', 12750],
    ['-3.05', 'eur', -305],
    ['90071992547409.91', 'USD', 9007199254740991],
    ['1.500', 'USD', 150],
  ])('%s %s is %d', async (text, currency, amount) => {
    const [draft] = values(await priced('externalId,amount,currency', `1,${text},${currency}`))
    expect(draft.amount).toEqual({ amount, currency: currency.toUpperCase() })
  })

  test.each([
    ['10.5', 'JPY', '"10.5" has more than the 0 decimals of JPY'],
    ['1.234', 'USD', '"1.234" has more than the 2 decimals of USD'],
    ['"58,90"', 'EUR', '"58,90" is not a decimal number like 58.90'],
    ['1e3', 'USD', '"1e3" is not a decimal number like 58.90'],
    ['1', 'XXY', '"XXY" is not an ISO 4217 currency such as USD'],
    ['1', '', 'has no currency: fill a column "currency", or one of its own'],
  ])('%s %s is refused', async (text, currency, message) => {
    expect(complaints(await priced('externalId,amount,currency', `1,${text},${currency}`))).toEqual([
      `2: amount ${message}`,
    ])
  })

  test('minor units with a currency of their own win over that of the row', async () => {
    const drafts = await priced(
      'externalId,amount.amount,amount.currency,currency',
      '1,1050,JPY,USD',
      '2,1050,,USD',
      '3,10.50,,USD',
    )
    expect(
      values(drafts)
        .slice(0, 2)
        .map((one: { amount: unknown }) => one.amount),
    ).toEqual([{ amount: 1050, currency: 'JPY' }, usd(1050)])
    expect(complaints(drafts)).toEqual(['4: amount "10.50" is not a whole number'])
  })
})

describe('tables as they come', () => {
  test('byte order mark, CRLF, quotes and breaks within: lines are counted as an editor does', async () => {
    const drafts = await read(
      users('\ufeffexternalId,name\r\n1,"Ada ""the\r\nfirst"""\r\n\r\n2,5" Ben\r\n3,Cy,extra\r\n'),
    )
    expect(values(drafts.slice(0, 2))).toEqual([
      { externalId: '1', name: 'Ada "the\r\nfirst"' },
      { externalId: '2', name: '5" Ben' },
    ])
    expect(drafts.map(({ line }) => line)).toEqual([2, 5, 6])
    expect(complaints(drafts)).toEqual(['6: the row has 3 cells, the header 2'])
  })

  test.each([[';'], ['\t'], ['|']])('delimiter %j is found out', async delimiter => {
    const line = (...cells: string[]) => cells.join(delimiter)
    expect(
      values(await read(users([line('externalId', '"name"'), line('1', 'Ada, B.')].join('\n')))),
    ).toEqual([{ externalId: '1', name: 'Ada, B.' }])
  })

  test('names may be written as databases do, empty cells are absent', async () => {
    const drafts = await read(users('External ID,stripe_customer_id,NAME\n 17 ,,Ada\n'))
    expect(values(drafts)).toEqual([{ externalId: ' 17 ', name: 'Ada' }])
  })

  test('unknown columns are named, with what they may have meant', async () => {
    await expect(read(users('externalId,emial,color\n1,a@b.example,red\n'))).rejects.toThrow(
      /unknown columns "emial": Did you mean "email"\?; "color"\. Known: source, externalId, name, email,.*--ignore emial,color/,
    )
  })

  test('--map and --ignore say what foreign columns are', async () => {
    const renames = readRenames(['id=externalId', 'mail=email'], ['color,size'])
    expect(values(await read(users('id,mail,color\n1,a@b.example,red\n'), renames))).toEqual([
      { externalId: '1', email: 'a@b.example' },
    ])
    expect([...renames.used].sort()).toEqual(['color', 'id', 'mail'])
    expect(values(await read(users('externalId,color\n1,red\n'), readRenames([], ['*'])))).toEqual([
      { externalId: '1' },
    ])
    await expect(read(users('id\n1\n'), readRenames(['id=externalID2'], []))).rejects.toThrow(
      '"externalID2" is not a column. Did you mean "externalId"?',
    )
  })

  test('what is not UTF-8 is refused row by row, and read with --encoding', async () => {
    const content = Buffer.from('externalId,name\n1,Ada\n2,Ren\xe9\n3,Cy\n', 'latin1')
    const drafts = await read(users(content))
    expect(complaints(drafts)).toEqual(['3: is not UTF-8: say what it is, e.g. --encoding windows-1252'])
    expect(values(await read(users(content), noRenames(), 'windows-1252'))[1]).toEqual({
      externalId: '2',
      name: 'René',
    })
    await expect(read(users(Buffer.from('\ufeffexternalId\n1\n', 'utf16le')))).rejects.toThrow(
      '--encoding utf-16le',
    )
    expect(values(await read(users('externalId,name\n1,\ufffd\n')))).toEqual([
      { externalId: '1', name: '\ufffd' },
    ])
  })

  test('an open quote ends the file with its line; what stood before is there', async () => {
    const path = users('externalId,name\n1,Ada\n2,"Ben\n3,Cy\n')
    await expect(read(path)).rejects.toMatchObject({
      message: expect.stringContaining('never closed'),
      line: 3,
    })
  })

  test.each([
    ['2026-04-22 14:03:00', '2026-04-22T14:03:00.000Z'],
    ['2026-04-22T14:03:00.123456+02:00', '2026-04-22T12:03:00.123Z'],
    ['2026-04-22 14:03:00+00', '2026-04-22T14:03:00.000Z'],
    ['2026-04-22', '2026-04-22T00:00:00.000Z'],
  ])('%s is a time', async (text, time) => {
    const [draft] = values(
      await read(folder.write('payouts.csv', `externalId,arrivalAt,status\n1,${text},In transit\n`)),
    )
    expect(draft).toEqual({ externalId: '1', arrivalAt: time, status: 'IN_TRANSIT' })
  })

  test.each(['2026-02-30', '22.04.2026', '1776866580', '2026-04-22T25:00:00Z'])('%s is none', async text => {
    expect(
      complaints(await read(folder.write('payouts.csv', `externalId,arrivalAt\n1,${text}\n`))),
    ).toHaveLength(1)
  })
})

describe('NDJSON', () => {
  const lines = (...content: string[]) => folder.write('payouts.ndjson', content.join('\n'))

  test('ids may be numbers, as far as JSON holds them', async () => {
    const drafts = await read(
      lines('{"externalId":17}', '', '{"externalId":9007199254740993}', '{"externalId":"9007199254740993"}'),
    )
    expect(values(drafts).map((one: { externalId: unknown }) => one.externalId)).toEqual([
      '17',
      9007199254740992,
      '9007199254740993',
    ])
    expect(complaints(drafts)).toEqual([
      '3: externalId 9007199254740992 is a number that JSON does not hold exactly: put it in quotes',
    ])
  })

  test('a bad line spoils no other', async () => {
    const drafts = await read(lines('{"externalId":"1"}', '{"externalId":', '[1]', '{"externalId":"2"}'))
    expect(drafts.map(({ line, problems }) => [line, problems.length])).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 0],
    ])
  })

  test('JSON that is not one record a line is told so', async () => {
    await expect(read(lines('[', '{"externalId":"1"}', ']'))).rejects.toThrow("jq -c '.[]'")
  })

  test('foreign keys are renamed and left out at any depth', async () => {
    const renames = readRenames(['amount.value=amount.amount', 'org_id=organization'], ['meta'])
    const [value] = values(
      await read(
        lines('{"externalId":"1","org_id":"o","meta":{"a":1},"amount":{"value":"1050","currency":"usd"}}'),
        renames,
      ),
    )
    expect(value).toEqual({ externalId: '1', organization: 'o', amount: { amount: 1050, currency: 'USD' } })
  })

  test('a key that no object should have is only a key', async () => {
    const [draft] = await read(lines('{"externalId":"1","__proto__":{"status":"PAID"}}'))
    expect(Object.keys(draft!.value!)).toEqual(['externalId', '__proto__'])
  })
})
