import { abandonLabelPurchase } from './actions/abandon-label-purchase.js'
import { clearShipmentIssue } from './actions/clear-shipment-issue.js'
import { completeInvestigationStep } from './actions/complete-investigation-step.js'
import { completeLabelPurchase } from './actions/complete-label-purchase.js'
import { concludeShipmentInvestigation } from './actions/conclude-shipment-investigation.js'
import { confirmCarrierStatus } from './actions/confirm-carrier-status.js'
import { detectShipmentIssue } from './actions/detect-shipment-issue.js'
import { failLabelPurchase } from './actions/fail-label-purchase.js'
import { noteCarrierSilence } from './actions/note-carrier-silence.js'
import { noteCarrierStatus } from './actions/note-carrier-status.js'
import { prepareLabelPurchase } from './actions/prepare-label-purchase.js'
import { recordLabelPurchase } from './actions/record-label-purchase.js'
import { reportNotReceived } from './actions/report-not-received.js'
import { retryLabelPurchase } from './actions/retry-label-purchase.js'
import { settleNotReceived } from './actions/settle-not-received.js'
import { startShipmentInvestigation } from './actions/start-shipment-investigation.js'
import { updateShipmentMetadata } from './actions/update-shipment-metadata.js'
import { askCarriers } from './reactions/ask-carriers.js'
import { buyLabels, prepareLabels } from './reactions/buy-labels.js'
import { noteNotReceived, settleNotReceivedReports } from './reactions/note-not-received.js'
import { reviewShipments, watchTracking } from './reactions/review-shipments.js'
import { shipments } from './views/shipment.js'
import { shipmentInvestigations } from './views/shipment-investigation.js'
import { shipmentIssues } from './views/shipment-issue.js'

/** The shipping part of orders: labels, issues, carriers, investigations. */
export const shipping = {
  actions: [
    abandonLabelPurchase,
    clearShipmentIssue,
    completeInvestigationStep,
    completeLabelPurchase,
    concludeShipmentInvestigation,
    confirmCarrierStatus,
    detectShipmentIssue,
    failLabelPurchase,
    noteCarrierSilence,
    noteCarrierStatus,
    prepareLabelPurchase,
    recordLabelPurchase,
    reportNotReceived,
    retryLabelPurchase,
    settleNotReceived,
    startShipmentInvestigation,
    updateShipmentMetadata,
  ],
  views: [shipments, shipmentIssues, shipmentInvestigations],
  reactions: [
    prepareLabels,
    buyLabels,
    askCarriers,
    reviewShipments,
    watchTracking,
    noteNotReceived,
    settleNotReceivedReports,
  ],
}
