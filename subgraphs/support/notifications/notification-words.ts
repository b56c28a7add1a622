import { prefixOf } from '#shared/id.js'
import { format, isCurrency, type Sum } from '#shared/money.js'

/** What is said: a line, and plain text. */
export interface Words {
  title: string
  body: string
}

/** What of a request's facts words can be made of; what is missing or odd is null. */
interface Known {
  /** `order A-17`, or `your order` where nobody knows its number. */
  order: string
  amount: string | null
  by: string | null
  /** What kind of evidence is wanted. */
  kind: string | null
  outcome: string | null
}

type Told = (known: Known) => Words
/** What a buyer is told, and what a seller. */
type Template = Record<'buyer' | 'seller', Told>

const both = (told: Told): Template => ({ buyer: told, seller: told })

const OUTCOMES: ReadonlyMap<unknown, string> = new Map([
  ['BUYER', ' for the buyer'],
  ['SELLER', ' for the seller'],
  ['SPLIT', ': buyer and seller share the loss'],
  ['WITHDRAWN', ': it was taken back'],
])

/** What people are told, by template: short, plain, and true for whoever reads it. */
const TEMPLATES: ReadonlyMap<string, Template> = new Map(
  Object.entries<Template>({
    ORDER_CANCELED: {
      buyer: ({ order, amount }) => ({
        title: 'Your order was canceled',
        body: `We canceled ${order}.${amount ? ` You get ${amount} back, the way you paid.` : ''}`,
      }),
      seller: ({ order }) => ({
        title: 'An order was canceled',
        body: `We canceled ${order}. Please do not send it any more.`,
      }),
    },
    REFUND_ISSUED: {
      buyer: ({ order, amount }) => ({
        title: 'You get money back',
        body: `We give you ${amount ?? 'money'} back for ${order}, the way you paid. Your bank may take some days.`,
      }),
      seller: ({ order, amount }) => ({
        title: 'A buyer was given money back',
        body: `We gave the buyer ${amount ?? 'money'} back for ${order}. Your balance shows your part of it.`,
      }),
    },
    LABEL_OVERDUE: {
      buyer: ({ order }) => ({
        title: 'Your order is late',
        body: `The seller has not sent ${order} yet. We have reminded them.`,
      }),
      seller: ({ order, by }) => ({
        title: 'An order waits to be sent',
        body: `There is no shipping label for ${order} yet. Please buy one${by ?? ' now'}; otherwise we may cancel it and refund the buyer.`,
      }),
    },
    GRACE_GRANTED: {
      buyer: ({ order, by }) => ({
        title: 'Your order takes longer',
        body: `The seller was given more time to send ${order}${by ? `:${by}` : ''}.`,
      }),
      seller: ({ order, by }) => ({
        title: 'You have more time',
        body: `Please buy a shipping label for ${order}${by ?? ' soon'}. There will be no more time after that.`,
      }),
    },
    PROPOSAL_WITHDRAWN: {
      buyer: ({ order }) => ({
        title: 'Your order is on its way',
        body: `The seller sent ${order} after all, so it is not canceled.`,
      }),
      seller: ({ order }) => ({
        title: 'An order goes on',
        body: `You sent ${order} after all, so it is not canceled, and nothing is held against you.`,
      }),
    },
    EVIDENCE_WANTED: both(({ order, by, kind }) => ({
      title: 'We need something from you',
      body: `To decide the claim about ${order}, we need ${kind ?? 'an answer'} from you${by ?? ''}.`,
    })),
    CLAIM_OPENED: {
      buyer: ({ order }) => ({
        title: 'We are looking into it',
        body: `There is a claim about ${order}. We will ask if we need anything from you.`,
      }),
      seller: ({ order }) => ({
        title: 'There is a claim about an order',
        body: `There is a claim about ${order}. We will ask if we need anything from you.`,
      }),
    },
    CLAIM_ANSWERED: both(({ order }) => ({
      title: 'There is an answer to a claim',
      body: `Somebody wrote on the claim about ${order}.`,
    })),
    CLAIM_RESOLVED: both(({ order, outcome }) => ({
      title: 'A claim was decided',
      body: `The claim about ${order} was decided${outcome ?? ''}.`,
    })),
  }),
)

/** For what nobody wrote words yet: it says that there is something, and nothing wrong. */
const NEWS: Template = both(({ order }) => ({
  title: 'There is news',
  body: `There is news about ${order}.`,
}))

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 80) : null

/** More than nothing, as people write it. */
function sumOf(value: unknown): string | null {
  const { amount, currency } = (value ?? {}) as Partial<Sum>
  if (!Number.isSafeInteger(amount) || amount! <= 0) return null
  return typeof currency === 'string' && isCurrency(currency) ? format({ amount: amount!, currency }) : null
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

function deadlineOf(value: unknown): string | null {
  const at = typeof value === 'string' ? new Date(value) : null
  return at && !Number.isNaN(at.getTime()) ? ` by ${DAY.format(at)} UTC` : null
}

/** PROOF_OF_DELIVERY → proof of delivery. */
const spoken = (value: unknown): string | null =>
  typeof value === 'string' && /^[A-Z][A-Z_]{0,60}$/.test(value)
    ? value.toLowerCase().replaceAll('_', ' ').trim()
    : null

/**
 * What to tell whom (E69, E73, E74). Facts that words are made of: `orderNumber`, `amount` (minor units and currency), `graceUntil`,
 * `until` or `dueAt` (ISO 8601), `kind` of evidence, `outcome`; without one the sentence does without it.
 */
export function wordsOf(template: string, recipientId: string, facts: Record<string, unknown>): Words {
  const seller = prefixOf(recipientId) === 'org'
  const number = textOf(facts.orderNumber)
  return (TEMPLATES.get(template) ?? NEWS)[seller ? 'seller' : 'buyer']({
    order: number ? `order ${number}` : seller ? 'an order of yours' : 'your order',
    amount: sumOf(facts.amount),
    by: deadlineOf(facts.graceUntil ?? facts.until ?? facts.dueAt),
    kind: spoken(facts.kind),
    outcome: OUTCOMES.get(facts.outcome) ?? null,
  })
}
