import { expect, test } from '@jest/globals'
import { statusOfWords } from '#subgraphs/orders/carriers/status-words.js'

/** E41: words as carriers publish them, and what they mean to people. */
test.each([
  ['EasyPost', 'pre_transit', 'LABEL_CREATED'],
  ['EasyPost', 'in_transit', 'IN_TRANSIT'],
  ['EasyPost', 'out_for_delivery', 'OUT_FOR_DELIVERY'],
  ['EasyPost', 'available_for_pickup', 'OUT_FOR_DELIVERY'],
  ['EasyPost', 'delivered', 'DELIVERED'],
  ['EasyPost', 'return_to_sender', 'RETURNING'],
  ['EasyPost', 'failure', 'EXCEPTION'],
  ['EasyPost', 'cancelled', 'PENDING'],
  ['EasyPost', 'unknown', 'PENDING'],
  ['UPS', 'M', 'LABEL_CREATED'],
  ['UPS', 'I', 'IN_TRANSIT'],
  ['UPS', 'X', 'EXCEPTION'],
  ['UPS', 'D', 'DELIVERED'],
  ['UPS', 'RS', 'RETURNING'],
  ['UPS', 'Shipper created a label, UPS has not received the package yet.', 'LABEL_CREATED'],
  ['UPS', 'Loaded on Delivery Vehicle', 'OUT_FOR_DELIVERY'],
  ['UPS', 'Departed from Facility', 'IN_TRANSIT'],
  ['UPS', 'The receiver was not available for delivery. Delivery attempted.', 'EXCEPTION'],
  ['USPS', 'Shipping Label Created, USPS Awaiting Item', 'LABEL_CREATED'],
  ['USPS', 'USPS in possession of item', 'IN_TRANSIT'],
  ['USPS', 'Arrived at USPS Regional Facility', 'IN_TRANSIT'],
  ['USPS', 'Out for Delivery', 'OUT_FOR_DELIVERY'],
  ['USPS', 'Delivered, Front Door/Porch', 'DELIVERED'],
  ['USPS', 'Delivered to Original Sender', 'RETURNED'],
  ['USPS', 'Undeliverable as Addressed', 'EXCEPTION'],
  ['USPS', 'Notice Left (No Authorized Recipient Available)', 'EXCEPTION'],
  ['USPS', 'Return to Sender', 'RETURNING'],
  ['FedEx', 'OC', 'LABEL_CREATED'],
  ['FedEx', 'IT', 'IN_TRANSIT'],
  ['FedEx', 'OD', 'OUT_FOR_DELIVERY'],
  ['FedEx', 'DL', 'DELIVERED'],
  ['FedEx', 'DE', 'EXCEPTION'],
  ['FedEx', 'CA', 'PENDING'],
  ['FedEx', 'Shipment information sent to FedEx', 'LABEL_CREATED'],
  ['FedEx', 'On FedEx vehicle for delivery', 'OUT_FOR_DELIVERY'],
  ['FedEx', 'At local FedEx facility', 'IN_TRANSIT'],
  ['DHL', 'transit', 'IN_TRANSIT'],
  ['DHL', 'pre-transit', 'LABEL_CREATED'],
  ['DHL', 'failure', 'EXCEPTION'],
  ['DHL Express', 'Processed at LEIPZIG - GERMANY', 'IN_TRANSIT'],
  ['DHL Express', 'With delivery courier', 'OUT_FOR_DELIVERY'],
  ['DHL Express', 'Shipment on hold', 'EXCEPTION'],
  ['DHL Express', 'Clearance processing complete', 'IN_TRANSIT'],
  [null, 'Package lost', 'LOST'],
  [null, 'IN TRANSIT', 'IN_TRANSIT'],
  [null, 'not delivered', 'EXCEPTION'],
  [null, 'returned', 'RETURNED'],
])('%s says "%s": %s', (carrier, words, status) => {
  expect(statusOfWords(carrier, words)).toBe(status)
})

test.each([null, '', '  ', 'Zugestellt', 'qwerty'])('nothing is known of "%s"', words => {
  expect(statusOfWords('UPS', words)).toBeNull()
})
