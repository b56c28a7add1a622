import { request as ask } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { listen } from '#gateway/listen.js'

test('who sends too slowly is cut off, later where there is more to send', async () => {
  const patience = ({ url }: { url?: string }) => (url === '/files' ? 5_000 : 200)
  const { url, drain } = await listen(
    '127.0.0.1',
    0,
    (request, response) => {
      request.resume().once('end', () => response.end('all of it'))
      request.once('error', () => {})
    },
    patience,
  )
  const send = (path: string) =>
    new Promise<number | string>(resolve => {
      const sent = ask(url + path, { method: 'POST' }, response => resolve(response.resume().statusCode!))
      sent.on('error', ({ message }) => resolve(message))
      sent.write('some')
      void sleep(700).then(() => sent.end())
    })
  expect(await Promise.all([send('/graphql'), send('/files')])).toEqual([408, 200])
  await drain(100)
})
