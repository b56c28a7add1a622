import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { z } from 'zod'
import { CommandError, say } from '../output.js'
import { Api } from './api.js'
import { Message, Opening, readLines, readPayload, STATES, Transition } from './payloads.js'
import { move, open, type Reference, show, tell } from './work.js'

const line = (reference: Reference): void => say(JSON.stringify(reference))

/** One payload from the command line, or each that comes in as a line of JSON; stops at the first that is refused. */
async function each<T>(
  type: z.ZodType<T>,
  given: object | null,
  work: (api: Api, payload: T) => Promise<Reference>,
): Promise<void> {
  const api = Api.fromEnvironment()
  if (given) return line(await work(api, readPayload(type, given)))
  if (process.stdin.isTTY)
    throw new CommandError('Say it here (--help tells how), or send payloads as JSON lines')
  for await (const { line: number, payload } of readLines(type, createInterface({ input: process.stdin })))
    try {
      line(await work(api, payload))
    } catch (error) {
      if (error instanceof CommandError) error.message = `Line ${number}: ${error.message}`
      throw error
    }
}

interface OpenOptions {
  subject?: string
  body?: string
  requester?: string
  site?: string
  account?: string
  category?: string
  about?: string[]
  key?: string
}

interface MoveOptions {
  body?: string
  reason?: string
  early?: string
  key?: string
}

const spoken =
  (type: Message['type']) =>
  (ticket?: string, body?: string, options: { key?: string } = {}) =>
    each(
      Message,
      ticket === undefined ? null : { ticket_id: ticket, type, body, ...options },
      (api, payload) => {
        if (payload.type === type) return tell(api, payload)
        throw new CommandError(`type: is ${payload.type}, and this command says ${type}`)
      },
    )

const KEY = ['--key <key>', 'makes it harmless to repeat: what was done under it is not done again'] as const

/** D63: `opsgraph ticket …`, for scripts: takes and prints the payloads of the reference pages, one JSON object a line. */
export function addTicketCommands(program: Command): void {
  const ticket = program
    .command('ticket')
    .description(
      'Works tickets from scripts, through a running Opsgraph: OPSGRAPH_URL says where it is, OPSGRAPH_TOKEN is a token. Takes and prints one JSON object a line. Exits 1 when something was refused, 2 when nobody could be asked.',
    )

  ticket
    .command('show')
    .description('Prints a ticket; with --all also what was said and where it stood, oldest first.')
    .argument('<ticket>', 'its number, TKT-2026-04881, or its id')
    .option('--all', 'messages and transitions as well')
    .action(async (of: string, { all = false }: { all?: boolean }) => {
      for (const reference of await show(Api.fromEnvironment(), of, all)) line(reference)
    })

  ticket
    .command('open')
    .description('Opens a ticket: by options, or for each JSON line {subject, body, requester?, site?, …}.')
    .option('--subject <text>', 'what it is about, in a line')
    .option('--body <text>', 'what is the matter')
    .option('--requester <address>', 'the customer who asks: an address or an id')
    .option('--site <slug>', 'the site they work in, which tells whose ticket it is')
    .option('--account <id>', 'whose ticket it is, where the site does not tell')
    .option('--category <category>', 'e.g. BILLING')
    .option('--about <ids...>', 'ids of what it is about')
    .option(...KEY)
    .action((options: OpenOptions) => each(Opening, Object.keys(options).length ? options : null, open))

  ticket
    .command('reply')
    .description('Says what the customer reads; or each JSON line {ticket_id, type: "public-reply", body}.')
    .argument('[ticket]', 'its number or id')
    .argument('[body]', 'what to say')
    .option(...KEY)
    .action(spoken('public-reply'))

  ticket
    .command('note')
    .description('Notes what only staff read; or each JSON line {ticket_id, type: "internal-note", body}.')
    .argument('[ticket]', 'its number or id')
    .argument('[body]', 'what to note')
    .option(...KEY)
    .action(spoken('internal-note'))

  ticket
    .command('transition')
    .description('Moves a ticket; or one for each JSON line {ticket_id, from?, to, body?, reason?}.')
    .argument('[ticket]', 'its number or id')
    .argument('[to]', STATES.join(', '))
    .option('--body <text>', 'what the customer reads: for resolved, and when it is opened again')
    .option('--reason <code>', 'why, as a code of the action')
    .option('--early <code>', 'for closed: why before the customer confirmed; for leads')
    .option(...KEY)
    .action((of: string | undefined, to: string | undefined, options: MoveOptions) =>
      each(Transition, of === undefined ? null : { ticket_id: of, to, ...options }, move),
    )
}
