import { z } from 'zod'
import { CommandError } from '../output.js'

/** What a payload that came out of Opsgraph also has; it is not said to Opsgraph, which knows better. */
const KNOWN_BETTER = {
  actor: z.unknown(),
  assigned_to: z.unknown(),
  changed_at: z.unknown(),
  closed_at: z.unknown(),
  created_at: z.unknown(),
  queue: z.unknown(),
  status: z.unknown(),
  surface: z.unknown(),
  timestamp: z.unknown(),
}

/** Once for each: repeated with the same key, nothing is done twice. */
const key = z.string().min(1).max(128).optional()
const words = z.string().min(1)

export const Opening = z.strictObject({
  ...z.object(KNOWN_BETTER).partial().shape,
  site: z.string().nullish(),
  requester: z.string().nullish(),
  subject: words,
  body: words,
  /** Whose ticket it is; the account of the site unless said otherwise. */
  account: z.string().optional(),
  category: z.string().optional(),
  about: z.array(z.string()).optional(),
  key,
})
export type Opening = z.infer<typeof Opening>

export const Message = z.strictObject({
  ...z.object(KNOWN_BETTER).partial().shape,
  ticket_id: words,
  type: z.enum(['public-reply', 'internal-note']),
  body: words,
  key,
})
export type Message = z.infer<typeof Message>

export const STATES = ['open', 'waiting-on-buyer', 'waiting-on-seller', 'resolved', 'closed'] as const
export type State = (typeof STATES)[number]

export const Transition = z.strictObject({
  ...z.object(KNOWN_BETTER).partial().shape,
  ticket_id: words,
  /** When it stands somewhere else, nothing is done. */
  from: z.enum(STATES).optional(),
  to: z.enum(STATES),
  body: z.string().optional(),
  reason: z.string().optional(),
  early: z.string().optional(),
  key,
})
export type Transition = z.infer<typeof Transition>

/** Reads a payload. @throws CommandError that says what is wrong with which key */
export function readPayload<T>(type: z.ZodType<T>, payload: unknown): T {
  const read = type.safeParse(payload)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new CommandError(`${issue!.path.join('.') || 'the payload'}: ${issue!.message}`)
}

/** The payloads of JSON lines, one by one; empty lines are passed over. @throws CommandError that names the line that is none */
export async function* readLines<T>(
  type: z.ZodType<T>,
  lines: AsyncIterable<string>,
): AsyncGenerator<{ line: number; payload: T }> {
  let line = 0
  for await (const text of lines) {
    line++
    if (!text.trim()) continue
    try {
      yield { line, payload: readPayload(type, JSON.parse(text)) }
    } catch (error) {
      if (error instanceof SyntaxError) throw new CommandError(`Line ${line}: is not JSON`)
      if (error instanceof CommandError) throw new CommandError(`Line ${line}: ${error.message}`)
      throw error
    }
  }
}
