import { describe, expect, test } from '@jest/globals'
import {
  IdentifierKind,
  interpret,
  mailbox,
  neighbourhood,
  normalise,
  oneEditApart,
  spellings,
  substance,
} from '#shared/identifier.js'

const { EMAIL, EXTERNAL_ID, ID, NAME, NUMBER, SLUG, STRIPE, TICKET_NUMBER, TRACKING } = IdentifierKind

/** Whether an identifier that an entity bears is among what a typed text is looked for as. */
const finds = (typed: string, kind: IdentifierKind, borne: string): boolean => {
  const norms = spellings(kind, borne)
    .filter(spelling => spelling.kind === kind)
    .map(({ norm }) => norm)
  return interpret(typed).candidates.some(
    candidate => candidate.kind === kind && norms.includes(candidate.norm),
  )
}

describe('what is typed finds what is borne (data 4.1)', () => {
  test.each<[string, IdentifierKind, string]>([
    ['#1234', NUMBER, '1234'],
    [' Order # 1234567 ', NUMBER, '1234567'],
    ['order 1234567', NUMBER, '#1234567'],
    ['#001234', NUMBER, '1234'],
    ['TKT-2026-04881', TICKET_NUMBER, 'TKT-2026-04881'],
    ['tkt 2026 4881', TICKET_NUMBER, 'TKT-2026-04881'],
    ['TKT–2026–04881', TICKET_NUMBER, 'TKT-2026-04881'],
    ['1Z 999 AA1 01 2345 6784', TRACKING, '1Z999AA10123456784'],
    ['1z999aa1.0123.45-6784', TRACKING, '1Z999AA10123456784'],
    ['9400-1118-9922-3100-0000-00', TRACKING, '9400111899223100000000'],
    [
      'https://dashboard.stripe.com/acct_1/payments/pi_3MtwBwLkdIwHu7ix28a3tqPa',
      STRIPE,
      'pi_3MtwBwLkdIwHu7ix28a3tqPa',
    ],
    ['pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH', STRIPE, 'pi_3MtwBwLkdIwHu7ix28a3tqPa'],
    ['https://ops.example.com/orders/ord_00000349724aa71d3107?tab=refunds', ID, 'ord_00000349724aa71d3107'],
    ['<Anna.Smith@Gmail.COM>', EMAIL, 'Anna.Smith@Gmail.COM'],
    ['mailto:anna@x.io', EMAIL, 'anna@x.io'],
    ['Please write to anna@x.io.', EMAIL, 'anna@x.io'],
    ['anna+shop@x.io', EMAIL, 'anna@x.io'],
    ['annasmith@gmail.com', EMAIL, 'anna.smith+sale@googlemail.com'],
    ['{3F2504E0-4F89-11D3-9A0C-0305E82C3301}', EXTERNAL_ID, '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ['3f2504e04f8911d39a0c0305e82c3301', EXTERNAL_ID, '3F2504E0-4F89-11D3-9A0C-0305E82C3301'],
    ['re_3abc, ch_3def', STRIPE, 're_3abc'],
    ['re_3abc, ch_3def', STRIPE, 'ch_3def'],
    ['4711\n4712', EXTERNAL_ID, '4712'],
    ['Anna  Smith', NAME, 'anna smith'],
    ['jose garcia', NAME, 'José García'],
    ["o'brien", NAME, 'O’Brien'],
    ['po_1\u200bABC', STRIPE, 'po_1ABC'],
    ['gid://shop/Order/4507', EXTERNAL_ID, 'gid://shop/Order/4507'],
    ['https://shop.example/admin/orders/4507', EXTERNAL_ID, '4507'],
    ['Blue Lamp', SLUG, 'blue-lamp'],
  ])('%j is %s %j', (typed, kind, borne) => {
    expect(finds(typed, kind, borne)).toBe(true)
  })

  test.each<[string, IdentifierKind]>([
    ['#1234', NUMBER],
    ['TKT-2026-04881', TICKET_NUMBER],
    ['1Z999AA10123456784', TRACKING],
    ['cus_123', STRIPE],
    ['ord_123', ID],
    ['anna@x.io', EMAIL],
    ['smith@gm', EMAIL],
    ['anna smith', NAME],
  ])('%j is taken for %s', (typed, kind) => {
    expect(interpret(typed).kinds[0]).toBe(kind)
  })

  test('a text of nothing but signs has no substance, and breaks nothing', () => {
    for (const typed of [
      '',
      '   ',
      '###',
      '%%%',
      '\u200b\u200b',
      '\\',
      "'; drop table x; --",
      '\u{1f600}'.repeat(300),
    ]) {
      expect(substance(typed)).toBeLessThan(12)
      expect(() => interpret(typed)).not.toThrow()
    }
  })

  test('only as much as an index page takes is kept', () => {
    for (const kind of Object.values(IdentifierKind))
      expect(Buffer.byteLength(normalise(kind, '\u{20000}'.repeat(500)))).toBeLessThan(1100)
  })
})

describe('typos', () => {
  const share = (a: string, b: string) => neighbourhood(a).some(key => neighbourhood(b).includes(key))

  test.each([
    ['smith', 'smit', true],
    ['smith', 'smiith', true],
    ['smith', 'smyth', true],
    ['smith', 'smtih', true],
    ['smith', 'msith', true],
    ['smith', 'smiht', true],
    ['smith', 'sith', true],
    ['smith', 'smith', true],
    ['smith', 'smoth', true],
    ['smith', 'smytt', false],
    ['smith', 'imths', false],
    ['anna@x.io', 'anna@x.oi', true],
    ['aabb', 'bbaa', false],
  ])('%s and %s: %s', (a, b, apart) => {
    expect(oneEditApart(a, b)).toBe(apart)
    expect(oneEditApart(b, a)).toBe(apart)
    if (apart) expect(share(a, b)).toBe(true)
  })

  test('plus tags and the dots of Gmail do not make another mailbox; others do', () => {
    expect(mailbox('a.b+c@gmail.com')).toBe('ab@gmail.com')
    expect(mailbox('a.b+c@x.io')).toBe('a.b@x.io')
    expect(mailbox('+@x.io')).toBe('+@x.io')
  })
})
