import easypostModule from '@easypost/api'
import type { AddressRecorded } from '#shared/events/orders.js'
import { parseDecimal, type Sum } from '#shared/money.js'
import type { Bought, Carrier, Failed, LabelSeller, Located, Prepared, Preparing } from './carrier.js'
import type { KnownParcel } from './known-parcel.js'
import { statusOfWords } from './status-words.js'

/** Its types describe a CommonJS module, of which the class is the `default`; what Node loads is the class. */
const EasyPost = easypostModule as unknown as typeof easypostModule.default
type Client = InstanceType<typeof EasyPost>

export interface EasyPostSettings {
  apiKey: string
  /** Ends in `/v2/`. */
  url: string
  /** Longest wait for one answer, ms. */
  timeout: number
}

/** Looking something up has to leave time for buying, within what one call of a reaction may take. */
const LOOK_UP_LIMIT = 4_000
/** All that one call asks, ms: less than what a reaction's call may take, so that it ends by an error of its own. */
const BUDGET = 14_000

interface Rate {
  id: string
  carrier: string
  service: string
  rate: string
  currency: string
}

/** What of an EasyPost shipment matters here. */
interface EasyPostShipment {
  id: string
  rates?: Rate[]
  selected_rate?: Rate | null
  postage_label?: { label_url?: string | null } | null
  tracking_code?: string | null
  messages?: { carrier?: string; message?: string }[]
}

interface EasyPostTracker {
  id: string
  tracking_code: string
  carrier: string
  status: string
  status_detail?: string | null
  signed_by?: string | null
  est_delivery_date?: string | null
  public_url?: string | null
  tracking_details?: {
    status: string
    message?: string | null
    datetime?: string | null
    tracking_location?: { city?: string | null; state?: string | null; country?: string | null } | null
  }[]
}

/** An error with which EasyPost answered. */
interface ApiError extends Error {
  statusCode: number
  code?: string
}
const isApiError = (error: unknown): error is ApiError =>
  error instanceof Error && typeof (error as Partial<ApiError>).statusCode === 'number'

/** They say no, but perhaps did it: only looking again tells. */
const UNDETERMINED = /TIMED_OUT|TIMEOUT|NO_RESPONSE|IN_PROGRESS|RATE_LIMIT/
const EXISTS = 'SHIPMENT.POSTAGE.EXISTS'
/** Client errors that are about the moment, not about the question. */
const PASSING = [408, 409, 425, 429]

const isFinal = (error: unknown): error is ApiError =>
  isApiError(error) &&
  error.statusCode >= 400 &&
  error.statusCode < 500 &&
  !PASSING.includes(error.statusCode) &&
  !UNDETERMINED.test(error.code ?? '')

const isUnknown = (error: unknown): boolean => isApiError(error) && error.statusCode === 404

/** Plain words for what they answer; what is not here is said in general. */
const MEANINGS: readonly [RegExp, string, Failed['cause']][] = [
  [/ADDRESS|DELIVERABLE/, 'The carrier does not accept the address.', 'ADDRESS'],
  [/INSUFFICIENT|FUNDS|BALANCE|PAYMENT|BILLING/, 'There is not enough money with the carrier.', 'OTHER'],
  [/RATE/, 'The rate is no longer offered; another try asks for a new one.', 'OTHER'],
  [
    /UNAUTHORIZED|FORBIDDEN|APIKEY|API_KEY/,
    'The carrier does not accept our key: see EASYPOST_API_KEY.',
    'OTHER',
  ],
]

const failed = (code: string, message: string, more: Partial<Failed> = {}): Failed => ({
  outcome: 'FAILED',
  code,
  message,
  cause: 'OTHER',
  carrierMessage: null,
  ...more,
})

const BY_STATUS: Record<number, string> = {
  401: 'UNAUTHORIZED',
  402: 'PAYMENT_REQUIRED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
}

function failureOf({ statusCode, code, message }: ApiError): Failed {
  const named = code || BY_STATUS[statusCode] || `HTTP_${statusCode}`
  const about = `${named} ${BY_STATUS[statusCode] ?? ''}`
  const [, meaning, cause] = MEANINGS.find(([pattern]) => pattern.test(about)) ?? [
    null,
    'The carrier refused it.',
    'OTHER' as const,
  ]
  return failed(named, meaning, { cause, carrierMessage: message || null })
}

/** What is final is an answer; all else stays an error, and is tried again. */
async function answering<T>(ask: () => Promise<T>): Promise<T | Failed> {
  try {
    return await ask()
  } catch (error) {
    if (isFinal(error)) return failureOf(error)
    throw error
  }
}

/**
 * What one call of a reaction asks EasyPost: each request ends in time, and all of them together within what the call may take. The
 * package itself waits for ever.
 */
class Session {
  private readonly began = performance.now()

  constructor(
    private readonly settings: EasyPostSettings,
    private readonly signal: AbortSignal,
  ) {}

  /** One request, ended when its time or that of the call is over. */
  async ask<T>(question: (client: Client) => Promise<T>, most = this.settings.timeout): Promise<T> {
    const left = BUDGET - (performance.now() - this.began)
    if (left < 100) throw new Error('there is no time left to ask EasyPost more')
    const { apiKey, url, timeout } = this.settings
    const limit = Math.floor(Math.min(most, timeout, left))
    let stop = () => {}
    // biome-ignore lint/suspicious/noExplicitAny: a request of superagent, which the package does not type
    const requestMiddleware = (request: any) => {
      stop = () => request.abort()
      this.signal.addEventListener('abort', stop)
      return request.timeout({ response: limit, deadline: limit })
    }
    try {
      return await question(new EasyPost(apiKey, { baseUrl: url, timeout: limit, requestMiddleware }))
    } catch (error) {
      if (isApiError(error)) throw error
      // A connection that broke looks like one to the database otherwise.
      throw new Error(`EasyPost gave no answer: ${(error as Error).message}`)
    } finally {
      this.signal.removeEventListener('abort', stop)
    }
  }

  /** By id or by our reference; null when EasyPost does not know it. */
  async find(id: string): Promise<EasyPostShipment | null> {
    try {
      const found = await this.ask(client => client.Shipment.retrieve(encodeURIComponent(id)), LOOK_UP_LIMIT)
      return found as EasyPostShipment
    } catch (error) {
      if (isUnknown(error)) return null
      throw error
    }
  }
}

const OUNCE = 28.349523125
const INCH = 25.4
const tenths = (value: number): number => Math.round(value * 10) / 10

/** EasyPost weighs in ounces and measures in inches. */
const parcelOf = ({ parcel }: KnownParcel) => ({
  weight: Math.max(0.1, tenths(parcel!.weightGrams / OUNCE)),
  ...(parcel!.lengthMm &&
    parcel!.widthMm &&
    parcel!.heightMm && {
      length: tenths(parcel!.lengthMm / INCH),
      width: tenths(parcel!.widthMm / INCH),
      height: tenths(parcel!.heightMm / INCH),
    }),
})

const addressOf = (address: AddressRecorded) => ({
  name: address.name,
  street1: address.street,
  street2: address.street2,
  city: address.city,
  state: address.region,
  zip: address.postalCode,
  country: address.country,
  phone: address.phone,
})

const lackingIn = (field: string, address: AddressRecorded | null): string[] =>
  (['street', 'city', 'country'] as const).filter(part => !address?.[part]).map(part => `${field}.${part}`)

const sumOf = ({ rate, currency }: Rate): Sum => parseDecimal(rate, currency)

const isBought = ({ postage_label, selected_rate, tracking_code }: EasyPostShipment): boolean =>
  Boolean(postage_label || (selected_rate && tracking_code))

const boughtOf = (shipment: EasyPostShipment): Bought => ({
  outcome: 'BOUGHT',
  carrier: shipment.selected_rate?.carrier ?? 'EasyPost',
  service: shipment.selected_rate?.service ?? null,
  carrierShipmentId: shipment.id,
  trackingNumber: shipment.tracking_code ?? null,
  cost: shipment.selected_rate ? sumOf(shipment.selected_rate) : null,
  labelUrl: shipment.postage_label?.label_url ?? null,
})

const alike = (a: string | null, b: string): boolean =>
  (a ?? '').replace(/[^a-z0-9]/gi, '').toLowerCase() === b.replace(/[^a-z0-9]/gi, '').toLowerCase()

const cheapest = (rates: readonly Rate[]): Rate | undefined =>
  [...rates].sort((a, b) => Number(a.rate) - Number(b.rate))[0]

/** The service asked for, or else what was recorded, or else the cheapest of the carrier, or else the cheapest. */
function rateFor(rates: readonly Rate[], { service, parcel: { state } }: Preparing): Rate | undefined {
  const { carrier, service: recorded } = state.facts
  const ofCarrier = rates.filter(rate => alike(carrier, rate.carrier))
  if (service)
    return (
      cheapest(ofCarrier.filter(rate => alike(service, rate.service))) ??
      cheapest(
        rates.filter(rate => alike(service, rate.service) || alike(service, rate.carrier + rate.service)),
      )
    )
  return (
    cheapest(ofCarrier.filter(rate => alike(recorded, rate.service))) ??
    cheapest(ofCarrier) ??
    cheapest(rates)
  )
}

function preparedOf(shipment: EasyPostShipment, preparing: Preparing): Prepared | Failed {
  if (isBought(shipment)) return { outcome: 'PREPARED', carrierShipmentId: shipment.id, rateId: null }
  const rates = shipment.rates ?? []
  const rate = rateFor(rates, preparing)
  if (rate) return { outcome: 'PREPARED', carrierShipmentId: shipment.id, rateId: rate.id }
  const said = (shipment.messages ?? []).flatMap(({ message }) => message || []).join('; ') || null
  if (rates.length === 0)
    return failed('NO_RATES', 'No carrier offers to take this parcel.', {
      carrierMessage: said,
      cause: /address|postal|zip/i.test(said ?? '') ? 'ADDRESS' : 'OTHER',
    })
  const offered = rates.map(({ carrier, service }) => `${carrier} ${service}`).join(', ')
  return failed('SERVICE_NOT_OFFERED', `${preparing.service} is not offered; there are ${offered}.`)
}

class EasyPostLabels implements LabelSeller {
  constructor(private readonly settings: EasyPostSettings) {}

  missing(known: KnownParcel): string[] {
    return [
      ...lackingIn('originLocation', known.origin),
      ...lackingIn('destination', known.destination),
      ...(known.parcel?.weightGrams ? [] : ['parcel.weightGrams']),
    ]
  }

  async prepare(preparing: Preparing, signal: AbortSignal): Promise<Prepared | Failed> {
    const { parcel, reference } = preparing
    const session = new Session(this.settings, signal)
    for (const id of parcel.state.carrierShipments) {
      const earlier = await session.find(id)
      if (earlier && isBought(earlier)) return preparedOf(earlier, preparing)
    }
    const found = await session.find(reference)
    if (found) return preparedOf(found, preparing)
    return answering(async () => {
      const given = {
        reference,
        from_address: addressOf(parcel.origin!),
        to_address: addressOf(parcel.destination!),
        parcel: parcelOf(parcel),
      }
      const created = await session.ask(client => client.Shipment.create(given))
      return preparedOf(created as EasyPostShipment, preparing)
    })
  }

  async buy(
    { carrierShipmentId, rateId }: Omit<Prepared, 'outcome'>,
    signal: AbortSignal,
  ): Promise<Bought | Failed> {
    const session = new Session(this.settings, signal)
    const before = await session.find(carrierShipmentId)
    if (before && isBought(before)) return boughtOf(before)
    if (!before || rateId === null)
      return failed('NOT_FOUND', 'The carrier has no label for it; another try makes it known anew.')
    try {
      const bought = await session.ask(client => client.Shipment.buy(carrierShipmentId, rateId))
      return boughtOf(bought as EasyPostShipment)
    } catch (error) {
      if (isApiError(error) && error.code === EXISTS) return readBack(session, carrierShipmentId)
      if (isFinal(error)) return failureOf(error)
      throw error
    }
  }
}

async function readBack(session: Session, id: string): Promise<Bought> {
  const shipment = await session.find(id)
  if (shipment && isBought(shipment)) return boughtOf(shipment)
  throw new Error(`EasyPost says that ${id} has a label, and does not show it`)
}

/** What EasyPost calls carriers whose names people write otherwise. */
const CARRIER_NAMES: readonly [RegExp, string][] = [
  [/^ups/i, 'UPS'],
  [/^usps|^united states postal/i, 'USPS'],
  [/^fedex|^federal express/i, 'FedEx'],
  [/^dhl/i, 'DHLExpress'],
]
const carrierName = (name: string | null): string | undefined =>
  CARRIER_NAMES.find(([pattern]) => pattern.test(name ?? ''))?.[1] ?? name ?? undefined

const isoOf = (text: string | null | undefined): string | null =>
  text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : null

function locatedOf(tracker: EasyPostTracker): Located {
  const scans = (tracker.tracking_details ?? []).filter(({ status }) => status !== 'pre_transit')
  const times = scans.flatMap(({ datetime }) => isoOf(datetime) ?? []).sort()
  const last = scans.at(-1)
  const { status, status_detail: detail } = tracker
  const { city, state, country } = last?.tracking_location ?? {}
  const delivered = scans.findLast(scan => scan.status === 'delivered')
  return {
    outcome: 'LOCATED',
    carrier: tracker.carrier,
    status:
      detail === 'lost'
        ? 'LOST'
        : (statusOfWords(null, status) ?? statusOfWords(null, detail ?? null) ?? 'PENDING'),
    carrierStatus: last?.message ?? status,
    lastScanAt: times.at(-1) ?? null,
    deliveredAt: isoOf(delivered?.datetime),
    evidence: {
      from: 'EasyPost',
      trackerId: tracker.id,
      trackingNumber: tracker.tracking_code,
      status,
      statusDetail: detail ?? null,
      isSigned: Boolean(tracker.signed_by),
      lastScan: last ? { at: isoOf(last.datetime), city, region: state, country } : null,
      expectedAt: isoOf(tracker.est_delivery_date),
      publicUrl: tracker.public_url ?? null,
    },
  }
}

/** Labels and tracking of a hundred carriers, by EasyPost's official package. */
export const easypost = (settings: EasyPostSettings): Carrier => ({
  name: 'easypost',
  labels: new EasyPostLabels(settings),
  untraceable: ({ state }) => (state.facts.trackingNumber ? [] : ['trackingNumber']),
  async locate({ state: { facts } }, signal) {
    const session = new Session(settings, signal)
    // Asking for the same number again answers with the same tracker.
    const question = { tracking_code: facts.trackingNumber!, carrier: carrierName(facts.carrier) }
    return answering(async () =>
      locatedOf((await session.ask(client => client.Tracker.create(question))) as EasyPostTracker),
    )
  },
})
