import { acceptHandoff } from '../actions/accept-handoff.js'
import { acknowledgeEscalation } from '../actions/acknowledge-escalation.js'
import { applyMacro } from '../actions/apply-macro.js'
import { cancelOnCall } from '../actions/cancel-on-call.js'
import { changeOnCall } from '../actions/change-on-call.js'
import { createAccessibilityReport } from '../actions/create-accessibility-report.js'
import { createHandoff } from '../actions/create-handoff.js'
import { declareIncident } from '../actions/declare-incident.js'
import { escalateTicket } from '../actions/escalate-ticket.js'
import { joinIncident } from '../actions/join-incident.js'
import { linkTicketsToIncident } from '../actions/link-tickets-to-incident.js'
import { noteIncidentOver } from '../actions/note-incident-over.js'
import { pageEscalation } from '../actions/page-escalation.js'
import { postIncidentUpdate } from '../actions/post-incident-update.js'
import { recordLegalCommunication } from '../actions/record-legal-communication.js'
import { resolveIncident } from '../actions/resolve-incident.js'
import { returnHandoff } from '../actions/return-handoff.js'
import { reviewRunbook } from '../actions/review-runbook.js'
import { saveMacro } from '../actions/save-macro.js'
import { saveRunbook } from '../actions/save-runbook.js'
import { scheduleOnCall } from '../actions/schedule-on-call.js'
import { transitionAccessibilityReport } from '../actions/transition-accessibility-report.js'
import { updateAccessibilityReport } from '../actions/update-accessibility-report.js'
import { updateIncident } from '../actions/update-incident.js'
import { updateTicket } from '../actions/update-ticket.js'
import { MacroPreviews } from '../queries/changes.js'
import { HandoffTimelineFields } from '../queries/handoff-timeline.js'
import { handoverQueries } from '../queries/handover.js'
import { onCallQueries } from '../queries/on-call.js'
import { broadcastIncident } from '../reactions/broadcast-incident.js'
import { joinIncidents } from '../reactions/join-incidents.js'
import { noteIncidentsOver } from '../reactions/note-incident-over.js'
import { pageAgain, pageAtOnce } from '../reactions/page-escalations.js'
import { tellSender } from '../reactions/tell-sender.js'
import { accessibilityReports } from '../views/accessibility-report.js'
import { handoffs } from '../views/handoff.js'
import { incidents } from '../views/incident.js'
import { legalCommunications } from '../views/legal-communication.js'
import { macros } from '../views/macro.js'
import { onCallShifts } from '../views/on-call-shift.js'
import { runbooks } from '../views/runbook.js'
import { ticketEscalations } from '../views/ticket-escalation.js'

/** Escalations, incidents, handovers, reports of barriers, runbooks, macros, legal communication. */
export const desk = {
  actions: [
    acceptHandoff,
    acknowledgeEscalation,
    applyMacro,
    cancelOnCall,
    changeOnCall,
    createAccessibilityReport,
    createHandoff,
    declareIncident,
    escalateTicket,
    joinIncident,
    linkTicketsToIncident,
    noteIncidentOver,
    pageEscalation,
    postIncidentUpdate,
    recordLegalCommunication,
    resolveIncident,
    returnHandoff,
    reviewRunbook,
    saveMacro,
    saveRunbook,
    scheduleOnCall,
    transitionAccessibilityReport,
    updateAccessibilityReport,
    updateIncident,
    updateTicket,
  ],
  views: [
    accessibilityReports,
    handoffs,
    incidents,
    legalCommunications,
    macros,
    onCallShifts,
    runbooks,
    ticketEscalations,
  ],
  queries: [...handoverQueries, HandoffTimelineFields, MacroPreviews, ...onCallQueries],
  reactions: [broadcastIncident, joinIncidents, noteIncidentsOver, pageAgain, pageAtOnce, tellSender],
}
