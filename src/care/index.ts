/**
 * The care area: patients, their records and visits. Its rights are restricted, so owners and administrators have none
 * of them: the people who manage a tenant do not care for its patients. Every right needs a second factor, so that a stolen
 * password opens no record.
 */
import { module } from '../platform/module.ts';
import { policies } from '../platform/sessions/index.ts';
import { accessRoutes } from './accesses/routes.ts';
import { ledgerEvents } from './accounts/events.ts';
import * as accounts from './accounts/queries.ts';
import { accountRoutes } from './accounts/routes.ts';
import { lateReviews, longWait } from './alerts.ts';
import { appointmentEvents } from './appointments/events.ts';
import { boardFeed } from './appointments/feed.ts';
import * as appointments from './appointments/queries.ts';
import { appointmentRoutes } from './appointments/routes.ts';
import { mailVisitChanged } from './appointments/told.ts';
import { auditedRoutes } from './audited.ts';
import * as board from './board/queries.ts';
import { boardRoutes } from './board/routes.ts';
import { breakGlassRoutes } from './break-glass/routes.ts';
import { mailEmergency } from './break-glass/told.ts';
import { consentRoutes } from './consents/routes.ts';
import { departmentRoutes } from './departments/routes.ts';
import { exportPatient, forgetPatientExport } from './exports/job.ts';
import { patientExportRoutes } from './exports/routes.ts';
import * as patients from './patients/queries.ts';
import { patientRoutes } from './patients/routes.ts';
import * as records from './records/queries.ts';
import { mailResultReady } from './records/result-ready.ts';
import { recordRoutes } from './records/routes.ts';
import * as relations from './relations/access.ts';
import { teamRoutes } from './relations/routes.ts';
import { resealJob, resealSchedule } from './sealing/reseal.ts';

/** Every right of the care area. */
const RIGHTS = [
  ...(['care:patients:read', 'care:patients:write', 'care:records:read', 'care:records:write'] as const),
  // Records of every kind. Without this right, a caller reads and writes notes only.
  'care:records:all' as const,
  ...(['care:flow:read', 'care:flow:move', 'care:flow:write', 'care:flow:hallway'] as const),
  // Visits of every clinician. Without this right, a caller moves own visits only.
  'care:flow:all' as const,
  // `read` shows accounts with their balances, `entries` also the entries of the ledger with their notes.
  ...(['care:billing:read', 'care:billing:entries', 'care:billing:write'] as const),
  ...(['care:break-glass', 'care:break-glass:approve', 'care:break-glass:review', 'care:audit:read'] as const),
];

export const care = module({
  name: 'care',
  restricted: RIGHTS,
  factor: RIGHTS,
  roles: {
    reception: [
      ...['care:patients:read', 'care:patients:write', 'care:billing:read'],
      ...['care:flow:read', 'care:flow:move', 'care:flow:all', 'care:flow:write', 'care:flow:hallway'],
    ],
    nurse: [
      ...['care:patients:read', 'care:records:read', 'care:records:write'],
      ...['care:flow:read', 'care:flow:move', 'care:flow:all', 'care:flow:hallway'],
    ],
    clinician: [
      ...['care:patients:read', 'care:records:read', 'care:records:write', 'care:records:all'],
      ...['care:flow:read', 'care:flow:move', 'care:flow:hallway', 'care:break-glass', 'care:break-glass:approve'],
    ],
    biller: ['care:patients:read', 'care:billing:read', 'care:billing:entries', 'care:billing:write'],
    care_auditor: ['care:audit:read', 'care:break-glass:review'],
  },
  // A sign-in at a fourth workstation ends the session unused for longest: a refusal would keep a clinician from a patient.
  sessions: { ...policies.aal3, touch: '1m', onCap: 'evict-idle', sealed: true },
  // The middleware that writes the audit trail is mounted first, so that it runs around all other routes.
  routes: [
    auditedRoutes,
    patientRoutes,
    accessRoutes,
    recordRoutes,
    consentRoutes,
    teamRoutes,
    departmentRoutes,
    breakGlassRoutes,
    patientExportRoutes,
    appointmentRoutes,
    boardRoutes,
    accountRoutes,
  ],
  queries: [patients, records, relations, appointments, board, accounts],
  jobs: [mailResultReady, mailEmergency, exportPatient, forgetPatientExport, resealJob, mailVisitChanged],
  schedules: [resealSchedule],
  streams: [appointmentEvents, ledgerEvents],
  feeds: [boardFeed],
  alerts: [longWait, lateReviews],
  tags: {
    Patients: 'Who the patients are, for those who care for them',
    Records: 'Notes, diagnoses, prescriptions and results of patients',
    Consents: 'The decisions of patients about the readers of their records',
    'Care teams': 'The users who care for a patient without a visit',
    'Patient exports': 'Files with all that a user may see about a patient',
    Appointments: 'Visits and the steps of their flow',
    Board: 'The visits of today in a department, live',
    Accounts: 'What patients and insurers have to pay, in a ledger of double entry',
    'Break glass': 'Accesses to records in emergencies, and their review',
  },
});
