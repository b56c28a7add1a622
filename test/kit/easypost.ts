import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from './world.js'

export const EASYPOST_KEY = 'EZTK-of-the-tests'

type Route = 'create' | 'retrieve' | 'buy' | 'track'

/** How one request goes wrong. `after`: what was asked for is done before. */
export interface Mishap {
  status?: number
  code?: string
  message?: string
  /** Never answers. */
  hang?: boolean
  /** Closes the connection instead of an answer. */
  drop?: boolean
  after?: boolean
  /** Waits before it does anything, ms. */
  delay?: number
}

const id = (prefix: string) => `${prefix}_${randomBytes(16).toString('hex')}`

const RATES = [
  { carrier: 'USPS', service: 'Priority', rate: '7.58' },
  { carrier: 'USPS', service: 'GroundAdvantage', rate: '5.93' },
  { carrier: 'UPS', service: 'Ground', rate: '11.20' },
]

/** An HTTP error as the API documentation describes it. */
const problem = (status: number, code: string, message: string): [number, Json] => [
  status,
  { error: { code, message, errors: [] } },
]

/**
 * A server that answers as EasyPost's public API documentation says: shipments by id or reference, one label for each shipment, trackers
 * that are found again. It misbehaves when asked to.
 */
export class EasyPostServer {
  readonly shipments = new Map<string, Json>()
  readonly trackers = new Map<string, Json>()
  /** Requests by route, in order of arrival. */
  readonly asked: { route: Route; id: string | null; body: Json }[] = []
  /** What trackers tell, by tracking code. */
  readonly whereabouts = new Map<string, Json>()
  private readonly mishaps: { route: Route; mishap: Mishap }[] = []
  private readonly sockets = new Set<Socket>()
  private readonly server: Server
  /** No rates are offered, with these words of carriers. */
  noRates: string | null = null

  private constructor() {
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(error => {
        response.writeHead(500).end(String(error))
      })
    })
    this.server.on('connection', socket => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  static async open(): Promise<EasyPostServer> {
    const server = new EasyPostServer()
    await new Promise<void>(resolve => server.server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v2`
  }

  get env(): Record<string, string> {
    return { CARRIER: 'easypost', EASYPOST_API_KEY: EASYPOST_KEY, EASYPOST_API_URL: this.url }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }

  /** The next request of a route goes wrong so. */
  next(route: Route, ...mishaps: Mishap[]): void {
    this.mishaps.push(...mishaps.map(mishap => ({ route, mishap })))
  }

  /** Labels that were really bought for a parcel of ours, over all tries. */
  labelsOf(shipmentId: string): number {
    return [...this.shipments.values()].filter(
      ({ reference, postage_label }) => reference?.startsWith(`${shipmentId}-`) && postage_label,
    ).length
  }

  count(route: Route): number {
    return this.asked.filter(one => one.route === route).length
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as Json) : {}
    const [route, target] = this.routeOf(request)
    if (!route) return send(response, problem(404, 'NOT_FOUND', 'The requested resource could not be found.'))
    this.asked.push({ route, id: target, body })
    const expected = `Basic ${Buffer.from(`${EASYPOST_KEY}:`).toString('base64')}`
    if (request.headers.authorization !== expected)
      return send(response, problem(401, 'APIKEY.INACTIVE', 'This api key is no longer active.'))
    const at = this.mishaps.findIndex(one => one.route === route)
    const mishap = at < 0 ? {} : this.mishaps.splice(at, 1)[0]!.mishap
    if (mishap.delay) await sleep(mishap.delay)
    const isWrong = mishap.status !== undefined || mishap.hang || mishap.drop
    const answer = isWrong && !mishap.after ? null : this.answer(route, target, body)
    if (mishap.hang) return
    if (mishap.drop) return void request.socket.destroy()
    if (mishap.status !== undefined)
      return send(
        response,
        problem(mishap.status, mishap.code ?? 'INTERNAL_SERVER_ERROR', mishap.message ?? 'Oops.'),
      )
    send(response, answer!)
  }

  private routeOf({ method, url }: IncomingMessage): [Route | null, string | null] {
    const [, , kind, target, verb] = decodeURIComponent(url!.split('?')[0]!).split('/')
    if (kind === 'shipments' && method === 'POST' && !target) return ['create', null]
    if (kind === 'shipments' && method === 'GET' && target) return ['retrieve', target]
    if (kind === 'shipments' && method === 'POST' && verb === 'buy') return ['buy', target!]
    if (kind === 'trackers' && method === 'POST') return ['track', null]
    return [null, null]
  }

  private answer(route: Route, target: string | null, body: Json): [number, Json] {
    if (route === 'create') return this.create(body.shipment)
    if (route === 'track') return this.track(body.tracker)
    const shipment = this.find(target!)
    if (!shipment) return problem(404, 'NOT_FOUND', 'The requested resource could not be found.')
    return route === 'buy' ? this.buy(shipment, body.rate?.id) : [200, shipment]
  }

  private find(target: string): Json | undefined {
    return [...this.shipments.values()].find(({ id, reference }) => id === target || reference === target)
  }

  private create(given: Json): [number, Json] {
    for (const side of ['to_address', 'from_address'])
      if (!given?.[side]?.street1 || !given[side].country)
        return problem(422, 'SHIPMENT.INVALID_PARAMS', `Missing required parameter: ${side}.`)
    if (!(given.parcel?.weight > 0)) return problem(422, 'PARCEL.INVALID', 'Missing weight.')
    const shipment: Json = {
      id: id('shp'),
      object: 'Shipment',
      reference: given.reference ?? null,
      to_address: { id: id('adr'), object: 'Address', ...given.to_address },
      from_address: { id: id('adr'), object: 'Address', ...given.from_address },
      parcel: { id: id('prcl'), object: 'Parcel', ...given.parcel },
      rates: this.noRates
        ? []
        : RATES.map(rate => ({ id: id('rate'), object: 'Rate', currency: 'USD', ...rate })),
      messages: this.noRates ? [{ carrier: 'USPS', type: 'rate_error', message: this.noRates }] : [],
      selected_rate: null,
      postage_label: null,
      tracking_code: null,
      status: 'unknown',
    }
    this.shipments.set(shipment.id, shipment)
    return [201, shipment]
  }

  private buy(shipment: Json, rateId: string): [number, Json] {
    if (shipment.postage_label)
      return problem(422, 'SHIPMENT.POSTAGE.EXISTS', 'Postage already exists for this shipment.')
    const rate = shipment.rates.find((one: Json) => one.id === rateId)
    if (!rate) return problem(422, 'SHIPMENT.POSTAGE.RATE_UNAVAILABLE', 'Rate is no longer available.')
    Object.assign(shipment, {
      selected_rate: rate,
      tracking_code: `9400${randomBytes(9).readBigUInt64BE().toString().padStart(18, '0').slice(0, 18)}`,
      postage_label: {
        id: id('pl'),
        object: 'PostageLabel',
        label_url: `https://labels.example/${shipment.id}.png`,
      },
      status: 'pre_transit',
    })
    return [200, shipment]
  }

  private track({ tracking_code: code, carrier }: Json): [number, Json] {
    const told = this.whereabouts.get(code)
    if (!told) return problem(404, 'TRACKER.NOT_FOUND', 'No such tracking code.')
    const known = this.trackers.get(code) ?? {
      id: id('trk'),
      object: 'Tracker',
      tracking_code: code,
      carrier,
    }
    Object.assign(known, told)
    this.trackers.set(code, known)
    return [200, known]
  }
}

function send(response: ServerResponse, [status, body]: [number, Json]): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
