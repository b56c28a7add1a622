import { mintToken, parseToken, TOKEN_KINDS, TOKEN_PATTERN, tokenDigest } from '#shared/token.js'

test.each(TOKEN_KINDS)('a token of kind %s is read back', kind => {
  const { token, prefix, digest } = mintToken(kind)
  expect(token).toMatch(new RegExp(`^ops_${kind}_[0-9A-Za-z]{36}$`))
  expect(parseToken(token)).toEqual({ kind, prefix, digest })
  expect(tokenDigest(token)).toEqual(digest)
})

test('every single mistyped character is noticed', () => {
  const { token } = mintToken('pat')
  for (let at = 'ops_pat_'.length; at < token.length; at++)
    expect(parseToken(token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1))).toBeNull()
})

test.each(['', 'ops_', 'ops_pat_short', 'ops_adm_012345678901234567890123456789012345'])(
  '%p is no token',
  text => {
    expect(parseToken(text)).toBeNull()
  },
)

test('whitespace and length are not forgiven', () => {
  const { token } = mintToken('int')
  for (const wrong of [` ${token}`, `${token}\n`, `${token}x`, token.slice(0, -1), token.toUpperCase()])
    expect(parseToken(wrong)).toBeNull()
})

test('the published pattern finds a token in a text', () => {
  const { token } = mintToken('svc')
  expect(TOKEN_PATTERN.exec(`export TOKEN=${token} # do not commit`)?.[0]).toBe(token)
})

test('tokens differ', () => {
  expect(new Set(Array.from({ length: 1000 }, () => mintToken('pat').token)).size).toBe(1000)
})
