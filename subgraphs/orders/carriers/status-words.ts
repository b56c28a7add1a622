import type { ShipmentStatusName } from '#shared/events/orders.js'

/** Words of carriers, by carrier; in the form that `plain` gives them. */
type Words = Readonly<Record<string, ShipmentStatusName>>

/** Tracker statuses and status details of the EasyPost API. */
const EASYPOST: Words = {
  unknown: 'PENDING',
  pre_transit: 'LABEL_CREATED',
  label_created: 'LABEL_CREATED',
  in_transit: 'IN_TRANSIT',
  out_for_delivery: 'OUT_FOR_DELIVERY',
  available_for_pickup: 'OUT_FOR_DELIVERY',
  delivered: 'DELIVERED',
  return_to_sender: 'RETURNING',
  failure: 'EXCEPTION',
  error: 'EXCEPTION',
  cancelled: 'PENDING',
  lost: 'LOST',
}

/** Type codes of UPS's tracking API, and what its pages say. */
const UPS: Words = {
  m: 'LABEL_CREATED',
  mv: 'PENDING',
  p: 'IN_TRANSIT',
  i: 'IN_TRANSIT',
  w: 'IN_TRANSIT',
  na: 'PENDING',
  o: 'OUT_FOR_DELIVERY',
  d: 'DELIVERED',
  do: 'DELIVERED',
  dd: 'DELIVERED',
  x: 'EXCEPTION',
  rs: 'RETURNING',
  order_processed_ready_for_ups: 'LABEL_CREATED',
  shipper_created_a_label_ups_has_not_received_the_package_yet: 'LABEL_CREATED',
  origin_scan: 'IN_TRANSIT',
  departure_scan: 'IN_TRANSIT',
  arrival_scan: 'IN_TRANSIT',
  destination_scan: 'IN_TRANSIT',
  on_the_way: 'IN_TRANSIT',
  loaded_on_delivery_vehicle: 'OUT_FOR_DELIVERY',
  out_for_delivery_today: 'OUT_FOR_DELIVERY',
  returning_to_sender: 'RETURNING',
  returned_to_sender: 'RETURNED',
}

const USPS: Words = {
  pre_shipment: 'LABEL_CREATED',
  shipping_label_created_usps_awaiting_item: 'LABEL_CREATED',
  usps_in_possession_of_item: 'IN_TRANSIT',
  accepted: 'IN_TRANSIT',
  acceptance: 'IN_TRANSIT',
  moving_through_network: 'IN_TRANSIT',
  in_transit_arriving_late: 'IN_TRANSIT',
  preparing_for_delivery: 'OUT_FOR_DELIVERY',
  available_for_pickup: 'OUT_FOR_DELIVERY',
  delivery_attempt: 'EXCEPTION',
  notice_left_no_authorized_recipient_available: 'EXCEPTION',
  alert: 'EXCEPTION',
  forwarded: 'IN_TRANSIT',
}

/** Status codes of FedEx's tracking API. */
const FEDEX: Words = {
  oc: 'LABEL_CREATED',
  in: 'LABEL_CREATED',
  pu: 'IN_TRANSIT',
  px: 'IN_TRANSIT',
  ar: 'IN_TRANSIT',
  af: 'IN_TRANSIT',
  dp: 'IN_TRANSIT',
  it: 'IN_TRANSIT',
  ix: 'IN_TRANSIT',
  cc: 'IN_TRANSIT',
  od: 'OUT_FOR_DELIVERY',
  hl: 'OUT_FOR_DELIVERY',
  dl: 'DELIVERED',
  de: 'EXCEPTION',
  se: 'EXCEPTION',
  cd: 'EXCEPTION',
  dy: 'EXCEPTION',
  ca: 'PENDING',
  rs: 'RETURNING',
  rp: 'RETURNING',
}

/** Status codes of DHL's unified tracking API, and checkpoints of DHL Express. */
const DHL: Words = {
  pre_transit: 'LABEL_CREATED',
  transit: 'IN_TRANSIT',
  delivered: 'DELIVERED',
  failure: 'EXCEPTION',
  unknown: 'PENDING',
  sd: 'LABEL_CREATED',
  pu: 'IN_TRANSIT',
  af: 'IN_TRANSIT',
  df: 'IN_TRANSIT',
  pl: 'IN_TRANSIT',
  cr: 'IN_TRANSIT',
  wc: 'OUT_FOR_DELIVERY',
  ok: 'DELIVERED',
  oh: 'EXCEPTION',
  nh: 'EXCEPTION',
  ba: 'EXCEPTION',
  rt: 'RETURNED',
  with_delivery_courier: 'OUT_FOR_DELIVERY',
  clearance_event: 'IN_TRANSIT',
}

const BY_CARRIER: readonly [name: RegExp, words: Words][] = [
  [/^ups/i, UPS],
  [/^usps/i, USPS],
  [/^fedex/i, FEDEX],
  [/^dhl/i, DHL],
]

/** Sentences, in the order in which they are tried: what sounds like a delivery and is none comes first. */
const SENTENCES: readonly [RegExp, ShipmentStatusName][] = [
  [/\blost\b|cannot be located|missing mail/, 'LOST'],
  [
    /returned to (the )?(sender|shipper)|return(ed)? (completed|delivered)|delivered.*(original sender|back to shipper)|^returned$/,
    'RETURNED',
  ],
  [/return(ing|ed)?\b.*(sender|shipper)|being returned|^return(ing)?$|return in progress/, 'RETURNING'],
  [
    /undeliverable|not delivered|unable to deliver|could ?n.?t be delivered|could not be delivered|delivery (was )?(attempted|attempt|exception|failed|refused)|attempted delivery|notice left|refused|exception|damaged|on hold|held at|\bhold\b|incorrect address|no such number|insufficient address|delivery not possible/,
    'EXCEPTION',
  ],
  [
    /out for delivery|on (fedex |the )?vehicle for delivery|with (the )?(delivery )?courier|ready for (pick ?up|collection)|available for pick ?up|delivery today/,
    'OUT_FOR_DELIVERY',
  ],
  [/^delivered|\bdelivered\b|proof of delivery|picked up by (the )?(recipient|customer|agent)/, 'DELIVERED'],
  [
    /label (was )?(created|printed|purchased)|awaiting item|pre.?shipment|shipment information (sent|received)|ready for (ups|fedex|usps|dhl)|pre.?transit|info(rmation)? (sent|received)|manifest/,
    'LABEL_CREATED',
  ],
  [
    /transit|picked up|accepted|acceptance|departed|departure|arriv|processed|sorted|sort facility|in possession|on (its|the) way|shipped|clearance|customs|facility|hub|forwarded|origin scan|tendered|delay/,
    'IN_TRANSIT',
  ],
  [/^(pending|unknown|created|not (yet )?(shipped|found)|void(ed)?|cancel+ed)$/, 'PENDING'],
]

const spoken = (words: string): string => words.normalize('NFKC').toLowerCase().replaceAll('_', ' ').trim()
const plain = (words: string): string =>
  spoken(words)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')

/**
 * What a carrier's words mean in words that all carriers share (E41): first its own codes, then EasyPost's, then what sentences of
 * tracking pages have in common. Null when nothing is known of them.
 */
export function statusOfWords(carrier: string | null, words: string | null): ShipmentStatusName | null {
  if (!words?.trim()) return null
  const own = BY_CARRIER.find(([name]) => name.test(carrier ?? ''))?.[1] ?? {}
  const key = plain(words)
  return (
    own[key] ?? EASYPOST[key] ?? SENTENCES.find(([sentence]) => sentence.test(spoken(words)))?.[1] ?? null
  )
}
