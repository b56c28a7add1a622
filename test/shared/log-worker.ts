import { openTestServices } from '#kit/services.js'
import { reaction, runReactions } from '#shared/reaction.js'

/** A process that reacts until it is killed: each event is to leave one row and one follow-up event. */
const [url] = process.argv.slice(2)
const { services } = await openTestServices(url!)
const { store } = services

const effect = reaction({
  name: 'effect',
  on: ['OrderPlaced'],
  async run({ event, tx, now }) {
    await tx.query('select pg_sleep(random() * 0.01)')
    await tx.query('insert into public.effect (event_id) values ($1)', [event.id])
    const meta = { ...event, causationId: event.id, reasonCode: 'ROUTINE' }
    const stream = { type: 'Effect', id: `eff_${event.id % 10}` }
    await store.append(
      tx,
      [{ stream, expectedVersion: null, events: [{ type: 'EffectDone', data: {} }] }],
      meta,
      now,
    )
    await tx.query('select pg_sleep(random() * 0.01)')
  },
})

await runReactions({ services, reactions: [effect], act: null, workers: 4 })
process.once('disconnect', () => process.exit())
process.send?.('running')
