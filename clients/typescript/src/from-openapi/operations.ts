// Made by `npm run client:generate` from the OpenAPI document. Do not edit.
// a031f0a9438d5a282d88f7ce5e3629f1f4cb254d0df8cca65ba68eb1ef6cd24d

import type { Call, Listen } from '../types.ts';

/**
 * The operations: a line for each noun, with its verbs, methods and paths. The letters of the methods are in routes.ts.
 */
export const OPERATIONS = `health checkG/health checkReadinessG/health/ready
tenants signUpP/auth/sign-up
sessions signInP/auth/sign-in getCurrentG/auth/session listG/auth/sessions revokeOthersD/auth/sessions revokeD/auth/sessions/:id revokeAllP/auth/sessions/revoke-all signOutP/auth/sign-out
codes requestP/auth/code verifyP/auth/verify
tokens refreshP/auth/refresh revokeP/auth/revoke
passwords changeP/auth/password
passkeys listG/auth/passkeys createP/auth/passkeys startP/auth/passkeys/options deleteD/auth/passkeys/:id
factors verifyP/auth/factor startP/auth/factor/options refreshP/auth/factor/again beginP/auth/totp confirmP/auth/totp/confirm removeP/auth/totp/remove revokeD/auth/factors/:userId
recoveryCodes createP/auth/recovery-codes
invitations createK/auth/invitations resendP/auth/invitations/:userId/again acceptP/auth/invitations/accept
apiKeys createP/api-keys listG/api-keys getG/api-keys/:id revokeD/api-keys/:id rotateP/api-keys/:id/rotate
tenant getG/tenant updateA/tenant
users listG/users getG/users/:id updateA/users/:id getFullG/users/:id/full listProjectsG/users/:id/projects listTasksG/users/:id/tasks getDashboardG/users/:id/dashboard
me updateA/me
companies listG/companies createK/companies getG/companies/:id updateA/companies/:id deleteD/companies/:id getFullG/companies/:id/full
contacts listG/contacts createK/contacts getG/contacts/:id updateA/contacts/:id deleteD/contacts/:id getFullG/contacts/:id/full
deals getPipelineG/deals/pipeline getHistoryG/deals/:id/history listG/deals createK/deals getG/deals/:id updateA/deals/:id deleteD/deals/:id
customFields listG/custom-fields createK/custom-fields getG/custom-fields/:id updateA/custom-fields/:id deleteD/custom-fields/:id
projects listG/projects createK/projects getG/projects/:id updateA/projects/:id deleteD/projects/:id getDetailsG/projects/:id/details getFullG/projects/:id/full listTasksG/projects/:id/tasks listMembersG/projects/:id/team getStatisticsG/projects/:id/stats setMemberU/projects/:id/members/:userId removeMemberD/projects/:id/members/:userId
tasks listG/tasks createK/tasks getG/tasks/:id updateA/tasks/:id deleteD/tasks/:id
dashboard getG/dashboard getOverviewG/dashboard/overview getStatisticsG/dashboard/stats listActivitiesG/dashboard/activity
analytics getCompanyG/analytics/companies/:id/monthly refreshCompanyP/analytics/companies/:id/monthly/refresh getTenantG/analytics/platform refreshTenantP/analytics/platform/refresh countActivitiesG/analytics/activity refreshActivitiesP/analytics/activity/refresh getVelocityG/analytics/velocity refreshVelocityP/analytics/velocity/refresh getUsageG/analytics/usage
imports createK/imports/contacts createCompaniesK/imports/companies createDealsK/imports/deals listG/imports getG/imports/:id savePartU/imports/:id/parts/:part startK/imports/:id/start downloadRejectedG/imports/:id/rejected cancelK/imports/:id/cancel undoK/imports/:id/undo
exports createContactsK/exports/contacts createCompaniesK/exports/companies createDealsK/exports/deals createTasksK/exports/tasks listG/exports getG/exports/:id downloadG/exports/:id/file
notifications listG/notifications countUnreadG/notifications/unread markReadP/notifications/:id/read
webhooks createK/webhooks listG/webhooks getG/webhooks/:id updateA/webhooks/:id deleteD/webhooks/:id rotateSecretK/webhooks/:id/rotate-secret listDeliveriesG/webhooks/:id/deliveries replayDeliveryK/webhooks/:id/deliveries/:deliveryId/replay
lists getSettingsG/me/lists/:list saveSettingsU/me/lists/:list
preferences getG/me/preferences updateA/me/preferences
drafts listG/me/drafts getG/me/drafts/:name saveA/me/drafts/:name deleteD/me/drafts/:name
search listG/search
patients searchP/care/patients/search createK/care/patients getG/care/patients/:id updateA/care/patients/:id mergeK/care/patients/:id/merge
patientAccesses listG/care/patients/:id/accesses
records listG/care/patients/:id/records createK/care/patients/:id/records getG/care/patients/:id/records/:recordId amendK/care/patients/:id/records/:recordId/amend
consents listG/care/patients/:id/consents createK/care/patients/:id/consents revokeP/care/patients/:id/consents/:consentId/revoke
careTeams listG/care/patients/:id/team setU/care/patients/:id/team/:userId removeD/care/patients/:id/team/:userId
careStaff listG/care/staff setU/care/staff/:userId
breakGlass startK/care/patients/:id/break-glass confirmK/care/break-glass/:id/confirm listG/care/break-glass reviewK/care/break-glass/:id/review
patientExports createK/care/patients/:id/exports getG/care/patients/:id/exports/:exportId downloadG/care/patients/:id/exports/:exportId/file
appointments listG/care/appointments createK/care/appointments getG/care/appointments/:id markArrivedK/care/appointments/:id/arrive markRoomedK/care/appointments/:id/room markStartedK/care/appointments/:id/start markFinishedK/care/appointments/:id/finish cancelK/care/appointments/:id/cancel markMissedK/care/appointments/:id/miss markLeftK/care/appointments/:id/leave undoK/care/appointments/:id/undo
patientAppointments listG/care/patients/:id/appointments
board getG/care/board getHallwayG/care/board/hallway
careAccounts listG/care/patients/:id/accounts createK/care/patients/:id/accounts getG/care/accounts/:id
ledgerEntries listG/care/accounts/:id/entries createK/care/accounts/:id/entries
ledger reverseK/care/ledger/:id/reverse getG/care/ledger
feeds listenS/feeds getPresenceG/feeds/presence
streams listG/streams listDeadG/streams/:stream/groups/:group/dead replayDeadP/streams/:stream/groups/:group/replay requestRebuildK/streams/:stream/groups/:group/rebuild
alerts listG/alerts listChangesG/alerts/history
alertSilences createK/alerts/silences deleteD/alerts/silences/:id
alertMessages createK/alerts/test
auditEntries listG/audit listAsFhirG/audit/fhir getG/audit/entries/:id getProofG/audit/entries/:id/proof eraseDataP/audit/entries/:id/erase
auditSeals listG/audit/seals
audit requestVerificationP/audit/verify
auditKeys listG/.well-known/holdfast-audit-keys.json
cache getStatisticsG/cache/stats getEntryG/cache/entries/:query invalidateP/cache/invalidate
metrics getG/metrics
jobs listG/jobs getG/jobs/:id cancelP/jobs/:id/cancel retryK/jobs/:id/retry replayK/jobs/:id/replay
queues listG/queues pauseP/queues/:name/pause resumeP/queues/:name/resume
schedules listG/schedules runK/schedules/:name/run pauseP/schedules/:name/pause resumeP/schedules/:name/resume
deliveries countRefusedG/deliveries`;

/** The API: a function for each operation. */
export interface Api {
  health: {
    /** Check that the process answers: `GET /health`. */
    check: Call<'health.check'>;
    /** Check Redis, PostgreSQL and the cache of this isolate: `GET /health/ready`. */
    checkReadiness: Call<'health.checkReadiness'>;
  };
  tenants: {
    /** Sign up a tenant: `POST /auth/sign-up`. */
    signUp: Call<'tenants.signUp'>;
  };
  sessions: {
    /** Sign in with a password: `POST /auth/sign-in`. */
    signIn: Call<'sessions.signIn'>;
    /** Get the current caller: `GET /auth/session`. */
    getCurrent: Call<'sessions.getCurrent'>;
    /** List your sessions and signed-in programs: `GET /auth/sessions`. */
    list: Call<'sessions.list'>;
    /** End all your other sessions: `DELETE /auth/sessions`. */
    revokeOthers: Call<'sessions.revokeOthers'>;
    /** End one of your sessions: `DELETE /auth/sessions/{id}`. */
    revoke: Call<'sessions.revoke'>;
    /** End all sessions of the tenant: `POST /auth/sessions/revoke-all`. */
    revokeAll: Call<'sessions.revokeAll'>;
    /** Sign out: `POST /auth/sign-out`. */
    signOut: Call<'sessions.signOut'>;
  };
  codes: {
    /** Request a code by e-mail: `POST /auth/code`. */
    request: Call<'codes.request'>;
    /** Sign in with a code: `POST /auth/verify`. */
    verify: Call<'codes.verify'>;
  };
  tokens: {
    /** Exchange a refresh token for new tokens: `POST /auth/refresh`. */
    refresh: Call<'tokens.refresh'>;
    /** End a refresh token and its family: `POST /auth/revoke`. */
    revoke: Call<'tokens.revoke'>;
  };
  passwords: {
    /** Change or set your password: `POST /auth/password`. */
    change: Call<'passwords.change'>;
  };
  passkeys: {
    /** List your passkeys: `GET /auth/passkeys`. */
    list: Call<'passkeys.list'>;
    /** Add a passkey that your browser has made: `POST /auth/passkeys`. */
    create: Call<'passkeys.create'>;
    /** Start the creation of a passkey: `POST /auth/passkeys/options`. */
    start: Call<'passkeys.start'>;
    /** Remove one of your passkeys: `DELETE /auth/passkeys/{id}`. */
    delete: Call<'passkeys.delete'>;
  };
  factors: {
    /** Confirm your second factor to sign in: `POST /auth/factor`. */
    verify: Call<'factors.verify'>;
    /** Start the proof of a passkey to sign in: `POST /auth/factor/options`. */
    start: Call<'factors.start'>;
    /** Confirm your second factor again: `POST /auth/factor/again`. */
    refresh: Call<'factors.refresh'>;
    /** Begin to add an authenticator app: `POST /auth/totp`. */
    begin: Call<'factors.begin'>;
    /** Confirm your authenticator app with a code: `POST /auth/totp/confirm`. */
    confirm: Call<'factors.confirm'>;
    /** Remove your second factor: `POST /auth/totp/remove`. */
    remove: Call<'factors.remove'>;
    /** Remove the second factor of a user: `DELETE /auth/factors/{userId}`. */
    revoke: Call<'factors.revoke'>;
  };
  recoveryCodes: {
    /** Create new recovery codes: `POST /auth/recovery-codes`. */
    create: Call<'recoveryCodes.create'>;
  };
  invitations: {
    /** Invite a user: `POST /auth/invitations`. */
    create: Call<'invitations.create'>;
    /** Send an invitation again: `POST /auth/invitations/{userId}/again`. */
    resend: Call<'invitations.resend'>;
    /** Accept an invitation: `POST /auth/invitations/accept`. */
    accept: Call<'invitations.accept'>;
  };
  apiKeys: {
    /** Create an API key: `POST /api-keys`. */
    create: Call<'apiKeys.create'>;
    /** List API keys, newest first: `GET /api-keys`. */
    list: Call<'apiKeys.list'>;
    /** Get an API key: `GET /api-keys/{id}`. */
    get: Call<'apiKeys.get'>;
    /** Revoke an API key and every key created with it: `DELETE /api-keys/{id}`. */
    revoke: Call<'apiKeys.revoke'>;
    /** Rotate the secret of an API key: `POST /api-keys/{id}/rotate`. */
    rotate: Call<'apiKeys.rotate'>;
  };
  tenant: {
    /** Get the settings of your tenant: `GET /tenant`. */
    get: Call<'tenant.get'>;
    /** Update the settings of your tenant: `PATCH /tenant`. */
    update: Call<'tenant.update'>;
  };
  users: {
    /** List users, newest first: `GET /users`. */
    list: Call<'users.list'>;
    /** Get a user: `GET /users/{id}`. */
    get: Call<'users.get'>;
    /** Update a user: `PATCH /users/{id}`. */
    update: Call<'users.update'>;
    /** Get a user with counts and their latest deals and tasks: `GET /users/{id}/full`. */
    getFull: Call<'users.getFull'>;
    /** List the projects a user owns or is a member of, newest first: `GET /users/{id}/projects`. */
    listProjects: Call<'users.listProjects'>;
    /** List a user’s tasks, open tasks first, by due date: `GET /users/{id}/tasks`. */
    listTasks: Call<'users.listTasks'>;
    /** Get a user’s dashboard: `GET /users/{id}/dashboard`. */
    getDashboard: Call<'users.getDashboard'>;
  };
  me: {
    /** Update your own name or time zone: `PATCH /me`. */
    update: Call<'me.update'>;
  };
  companies: {
    /** List companies, newest first: `GET /companies`. */
    list: Call<'companies.list'>;
    /** Create a company: `POST /companies`. */
    create: Call<'companies.create'>;
    /** Get a company: `GET /companies/{id}`. */
    get: Call<'companies.get'>;
    /** Update a company: `PATCH /companies/{id}`. */
    update: Call<'companies.update'>;
    /** Delete a company: `DELETE /companies/{id}`. */
    delete: Call<'companies.delete'>;
    /** Get a company with its contacts, deals, projects and latest activity: `GET /companies/{id}/full`. */
    getFull: Call<'companies.getFull'>;
  };
  contacts: {
    /** List contacts, newest first: `GET /contacts`. */
    list: Call<'contacts.list'>;
    /** Create a contact: `POST /contacts`. */
    create: Call<'contacts.create'>;
    /** Get a contact: `GET /contacts/{id}`. */
    get: Call<'contacts.get'>;
    /** Update a contact: `PATCH /contacts/{id}`. */
    update: Call<'contacts.update'>;
    /** Delete a contact: `DELETE /contacts/{id}`. */
    delete: Call<'contacts.delete'>;
    /** Get a contact with their company, deals and latest activity: `GET /contacts/{id}/full`. */
    getFull: Call<'contacts.getFull'>;
  };
  deals: {
    /** Get the count and value of the deals in each stage: `GET /deals/pipeline`. */
    getPipeline: Call<'deals.getPipeline'>;
    /** Get the stages that a deal has been in: `GET /deals/{id}/history`. */
    getHistory: Call<'deals.getHistory'>;
    /** List deals, newest first: `GET /deals`. */
    list: Call<'deals.list'>;
    /** Create a deal: `POST /deals`. */
    create: Call<'deals.create'>;
    /** Get a deal: `GET /deals/{id}`. */
    get: Call<'deals.get'>;
    /** Update a deal: `PATCH /deals/{id}`. */
    update: Call<'deals.update'>;
    /** Delete a deal: `DELETE /deals/{id}`. */
    delete: Call<'deals.delete'>;
  };
  customFields: {
    /** List the custom fields, oldest first: `GET /custom-fields`. */
    list: Call<'customFields.list'>;
    /** Create a custom field: `POST /custom-fields`. */
    create: Call<'customFields.create'>;
    /** Get a custom field: `GET /custom-fields/{id}`. */
    get: Call<'customFields.get'>;
    /** Update a custom field: `PATCH /custom-fields/{id}`. */
    update: Call<'customFields.update'>;
    /** Delete a custom field: `DELETE /custom-fields/{id}`. */
    delete: Call<'customFields.delete'>;
  };
  projects: {
    /** List projects, newest first: `GET /projects`. */
    list: Call<'projects.list'>;
    /** Create a project: `POST /projects`. */
    create: Call<'projects.create'>;
    /** Get a project: `GET /projects/{id}`. */
    get: Call<'projects.get'>;
    /** Update a project: `PATCH /projects/{id}`. */
    update: Call<'projects.update'>;
    /** Delete a project: `DELETE /projects/{id}`. */
    delete: Call<'projects.delete'>;
    /** Get a project with the names of its company and owner: `GET /projects/{id}/details`. */
    getDetails: Call<'projects.getDetails'>;
    /** Get a project with its tasks, team and statistics: `GET /projects/{id}/full`. */
    getFull: Call<'projects.getFull'>;
    /** List the tasks of a project, open tasks first, by due date: `GET /projects/{id}/tasks`. */
    listTasks: Call<'projects.listTasks'>;
    /** List the members of a project: `GET /projects/{id}/team`. */
    listMembers: Call<'projects.listMembers'>;
    /** Get a project’s statistics: `GET /projects/{id}/stats`. */
    getStatistics: Call<'projects.getStatistics'>;
    /** Add a member to a project, or change the member’s role: `PUT /projects/{id}/members/{userId}`. */
    setMember: Call<'projects.setMember'>;
    /** Remove a member from a project: `DELETE /projects/{id}/members/{userId}`. */
    removeMember: Call<'projects.removeMember'>;
  };
  tasks: {
    /** List tasks, newest first: `GET /tasks`. */
    list: Call<'tasks.list'>;
    /** Create a task: `POST /tasks`. */
    create: Call<'tasks.create'>;
    /** Get a task: `GET /tasks/{id}`. */
    get: Call<'tasks.get'>;
    /** Update a task: `PATCH /tasks/{id}`. */
    update: Call<'tasks.update'>;
    /** Delete a task: `DELETE /tasks/{id}`. */
    delete: Call<'tasks.delete'>;
  };
  dashboard: {
    /** Get the start page with the overview and the latest activity: `GET /dashboard`. */
    get: Call<'dashboard.get'>;
    /** Get the tenant’s key figures: `GET /dashboard/overview`. */
    getOverview: Call<'dashboard.getOverview'>;
    /** Get the deals won and lost in each of the last twelve months: `GET /dashboard/stats`. */
    getStatistics: Call<'dashboard.getStatistics'>;
    /** List activities, latest first: `GET /dashboard/activity`. */
    listActivities: Call<'dashboard.listActivities'>;
  };
  analytics: {
    /** Get a company’s statistics by month: `GET /analytics/companies/{id}/monthly`. */
    getCompany: Call<'analytics.getCompany'>;
    /** Refresh a company’s statistics by month: `POST /analytics/companies/{id}/monthly/refresh`. */
    refreshCompany: Call<'analytics.refreshCompany'>;
    /** Get the tenant’s totals, growth and top sellers: `GET /analytics/platform`. */
    getTenant: Call<'analytics.getTenant'>;
    /** Refresh the tenant’s totals, growth and top sellers: `POST /analytics/platform/refresh`. */
    refreshTenant: Call<'analytics.refreshTenant'>;
    /** Count activities by day, user or kind: `GET /analytics/activity`. */
    countActivities: Call<'analytics.countActivities'>;
    /** Refresh the counts of activities: `POST /analytics/activity/refresh`. */
    refreshActivities: Call<'analytics.refreshActivities'>;
    /** Get the sales velocity by month of closing: `GET /analytics/velocity`. */
    getVelocity: Call<'analytics.getVelocity'>;
    /** Refresh the sales velocity by month of closing: `POST /analytics/velocity/refresh`. */
    refreshVelocity: Call<'analytics.refreshVelocity'>;
    /** Get the active users, their retention, and your streak: `GET /analytics/usage`. */
    getUsage: Call<'analytics.getUsage'>;
  };
  imports: {
    /** Import contacts from a CSV file: `POST /imports/contacts`. */
    create: Call<'imports.create'>;
    /** Import companies from a CSV file: `POST /imports/companies`. */
    createCompanies: Call<'imports.createCompanies'>;
    /** Import deals from a CSV file: `POST /imports/deals`. */
    createDeals: Call<'imports.createDeals'>;
    /** List imports, newest first: `GET /imports`. */
    list: Call<'imports.list'>;
    /** Get an import with its progress: `GET /imports/{id}`. */
    get: Call<'imports.get'>;
    /** Send a part of a file: `PUT /imports/{id}/parts/{part}`. */
    savePart: Call<'imports.savePart'>;
    /** Start the import of a file whose parts have been sent: `POST /imports/{id}/start`. */
    start: Call<'imports.start'>;
    /** Download the rejected rows of an import with their reasons: `GET /imports/{id}/rejected`. */
    downloadRejected: Call<'imports.downloadRejected'>;
    /** Cancel an import: `POST /imports/{id}/cancel`. */
    cancel: Call<'imports.cancel'>;
    /** Undo an import: `POST /imports/{id}/undo`. */
    undo: Call<'imports.undo'>;
  };
  exports: {
    /** Export contacts to a CSV file: `POST /exports/contacts`. */
    createContacts: Call<'exports.createContacts'>;
    /** Export companies to a CSV file: `POST /exports/companies`. */
    createCompanies: Call<'exports.createCompanies'>;
    /** Export deals to a CSV file: `POST /exports/deals`. */
    createDeals: Call<'exports.createDeals'>;
    /** Export tasks to a CSV file: `POST /exports/tasks`. */
    createTasks: Call<'exports.createTasks'>;
    /** List exports, newest first: `GET /exports`. */
    list: Call<'exports.list'>;
    /** Get an export with its progress: `GET /exports/{id}`. */
    get: Call<'exports.get'>;
    /** Download the file of a finished export: `GET /exports/{id}/file`. */
    download: Call<'exports.download'>;
  };
  notifications: {
    /** List your notifications, newest first: `GET /notifications`. */
    list: Call<'notifications.list'>;
    /** Count your unread notifications: `GET /notifications/unread`. */
    countUnread: Call<'notifications.countUnread'>;
    /** Mark one of your notifications as read: `POST /notifications/{id}/read`. */
    markRead: Call<'notifications.markRead'>;
  };
  webhooks: {
    /** Create a webhook: `POST /webhooks`. */
    create: Call<'webhooks.create'>;
    /** List webhooks: `GET /webhooks`. */
    list: Call<'webhooks.list'>;
    /** Get a webhook: `GET /webhooks/{id}`. */
    get: Call<'webhooks.get'>;
    /** Update a webhook: `PATCH /webhooks/{id}`. */
    update: Call<'webhooks.update'>;
    /** Delete a webhook: `DELETE /webhooks/{id}`. */
    delete: Call<'webhooks.delete'>;
    /** Rotate the secret of a webhook: `POST /webhooks/{id}/rotate-secret`. */
    rotateSecret: Call<'webhooks.rotateSecret'>;
    /** List the deliveries of a webhook, newest first: `GET /webhooks/{id}/deliveries`. */
    listDeliveries: Call<'webhooks.listDeliveries'>;
    /** Send a delivery of a webhook again: `POST /webhooks/{id}/deliveries/{deliveryId}/replay`. */
    replayDelivery: Call<'webhooks.replayDelivery'>;
  };
  lists: {
    /** Get your settings of a list: `GET /me/lists/{list}`. */
    getSettings: Call<'lists.getSettings'>;
    /** Save your settings of a list: `PUT /me/lists/{list}`. */
    saveSettings: Call<'lists.saveSettings'>;
  };
  preferences: {
    /** Get your preferences: `GET /me/preferences`. */
    get: Call<'preferences.get'>;
    /** Update your preferences: `PATCH /me/preferences`. */
    update: Call<'preferences.update'>;
  };
  drafts: {
    /** List your drafts: `GET /me/drafts`. */
    list: Call<'drafts.list'>;
    /** Get a draft: `GET /me/drafts/{name}`. */
    get: Call<'drafts.get'>;
    /** Save a part of a draft: `PATCH /me/drafts/{name}`. */
    save: Call<'drafts.save'>;
    /** Delete a draft: `DELETE /me/drafts/{name}`. */
    delete: Call<'drafts.delete'>;
  };
  search: {
    /** List the rows that match a text, the best first: `GET /search`. */
    list: Call<'search.list'>;
  };
  patients: {
    /** Search patients by number or name: `POST /care/patients/search`. */
    search: Call<'patients.search'>;
    /** Create a patient: `POST /care/patients`. */
    create: Call<'patients.create'>;
    /** Get the demographics of a patient: `GET /care/patients/{id}`. */
    get: Call<'patients.get'>;
    /** Update the demographics of a patient: `PATCH /care/patients/{id}`. */
    update: Call<'patients.update'>;
    /** Merge a duplicate into a patient: `POST /care/patients/{id}/merge`. */
    merge: Call<'patients.merge'>;
  };
  patientAccesses: {
    /** List all accesses to the data of a patient, newest first: `GET /care/patients/{id}/accesses`. */
    list: Call<'patientAccesses.list'>;
  };
  records: {
    /** List the records of a patient, newest first: `GET /care/patients/{id}/records`. */
    list: Call<'records.list'>;
    /** Create a record of a patient: `POST /care/patients/{id}/records`. */
    create: Call<'records.create'>;
    /** Get a record of a patient with all its versions: `GET /care/patients/{id}/records/{recordId}`. */
    get: Call<'records.get'>;
    /** Amend a record by a new version: `POST /care/patients/{id}/records/{recordId}/amend`. */
    amend: Call<'records.amend'>;
  };
  consents: {
    /** List the consents of a patient, newest first: `GET /care/patients/{id}/consents`. */
    list: Call<'consents.list'>;
    /** Create a consent of a patient: `POST /care/patients/{id}/consents`. */
    create: Call<'consents.create'>;
    /** Revoke a consent of a patient: `POST /care/patients/{id}/consents/{consentId}/revoke`. */
    revoke: Call<'consents.revoke'>;
  };
  careTeams: {
    /** List the users who are assigned to a patient: `GET /care/patients/{id}/team`. */
    list: Call<'careTeams.list'>;
    /** Add a user to the care team of a patient: `PUT /care/patients/{id}/team/{userId}`. */
    set: Call<'careTeams.set'>;
    /** Remove a user from the care team of a patient: `DELETE /care/patients/{id}/team/{userId}`. */
    remove: Call<'careTeams.remove'>;
  };
  careStaff: {
    /** List the nurses with their departments: `GET /care/staff`. */
    list: Call<'careStaff.list'>;
    /** Change the departments of a nurse: `PUT /care/staff/{userId}`. */
    set: Call<'careStaff.set'>;
  };
  breakGlass: {
    /** Start an access to the records of a patient in an emergency: `POST /care/patients/{id}/break-glass`. */
    start: Call<'breakGlass.start'>;
    /** Confirm an access to restricted records as the second person: `POST /care/break-glass/{id}/confirm`. */
    confirm: Call<'breakGlass.confirm'>;
    /** List the accesses in emergencies, newest first: `GET /care/break-glass`. */
    list: Call<'breakGlass.list'>;
    /** Review an access in an emergency: `POST /care/break-glass/{id}/review`. */
    review: Call<'breakGlass.review'>;
  };
  patientExports: {
    /** Export what you may see about a patient: `POST /care/patients/{id}/exports`. */
    create: Call<'patientExports.create'>;
    /** Get one of your exports of a patient: `GET /care/patients/{id}/exports/{exportId}`. */
    get: Call<'patientExports.get'>;
    /** Download the file of one of your exports of a patient: `GET /care/patients/{id}/exports/{exportId}/file`. */
    download: Call<'patientExports.download'>;
  };
  appointments: {
    /** List the visits of a day: `GET /care/appointments`. */
    list: Call<'appointments.list'>;
    /** Create a visit: `POST /care/appointments`. */
    create: Call<'appointments.create'>;
    /** Get a visit: `GET /care/appointments/{id}`. */
    get: Call<'appointments.get'>;
    /** Mark the patient of a visit as arrived: `POST /care/appointments/{id}/arrive`. */
    markArrived: Call<'appointments.markArrived'>;
    /** Mark the patient of a visit as in the room: `POST /care/appointments/{id}/room`. */
    markRoomed: Call<'appointments.markRoomed'>;
    /** Mark the patient of a visit as with the clinician: `POST /care/appointments/{id}/start`. */
    markStarted: Call<'appointments.markStarted'>;
    /** Mark a visit as finished: `POST /care/appointments/{id}/finish`. */
    markFinished: Call<'appointments.markFinished'>;
    /** Cancel a visit: `POST /care/appointments/{id}/cancel`. */
    cancel: Call<'appointments.cancel'>;
    /** Mark a visit as missed: `POST /care/appointments/{id}/miss`. */
    markMissed: Call<'appointments.markMissed'>;
    /** Mark the patient of a visit as gone before the visit: `POST /care/appointments/{id}/leave`. */
    markLeft: Call<'appointments.markLeft'>;
    /** Undo the last step of a visit: `POST /care/appointments/{id}/undo`. */
    undo: Call<'appointments.undo'>;
  };
  patientAppointments: {
    /** List the visits of a patient, the last ones first: `GET /care/patients/{id}/appointments`. */
    list: Call<'patientAppointments.list'>;
  };
  board: {
    /** Get the visits of today in a department: `GET /care/board`. */
    get: Call<'board.get'>;
    /** Get the tickets of a department for the hallway screen: `GET /care/board/hallway`. */
    getHallway: Call<'board.getHallway'>;
  };
  careAccounts: {
    /** List the accounts of a patient: `GET /care/patients/{id}/accounts`. */
    list: Call<'careAccounts.list'>;
    /** Create the account of a patient: `POST /care/patients/{id}/accounts`. */
    create: Call<'careAccounts.create'>;
    /** Get an account and its balance: `GET /care/accounts/{id}`. */
    get: Call<'careAccounts.get'>;
  };
  ledgerEntries: {
    /** List the entries of an account, newest first: `GET /care/accounts/{id}/entries`. */
    list: Call<'ledgerEntries.list'>;
    /** Add an entry to an account: `POST /care/accounts/{id}/entries`. */
    create: Call<'ledgerEntries.create'>;
  };
  ledger: {
    /** Reverse a transaction of the ledger: `POST /care/ledger/{id}/reverse`. */
    reverse: Call<'ledger.reverse'>;
    /** Get the trial balance: `GET /care/ledger`. */
    get: Call<'ledger.get'>;
  };
  feeds: {
    /** Listen to live updates: `GET /feeds`. */
    listen: Listen;
    /** Get the users who listen to a topic: `GET /feeds/presence`. */
    getPresence: Call<'feeds.getPresence'>;
  };
  streams: {
    /** List streams and their consumer groups: `GET /streams`. */
    list: Call<'streams.list'>;
    /** List the events that a consumer group has put aside: `GET /streams/{stream}/groups/{group}/dead`. */
    listDead: Call<'streams.listDead'>;
    /** Request another attempt at events that were put aside: `POST /streams/{stream}/groups/{group}/replay`. */
    replayDead: Call<'streams.replayDead'>;
    /** Queue the rebuild of a projection from all events: `POST /streams/{stream}/groups/{group}/rebuild`. */
    requestRebuild: Call<'streams.requestRebuild'>;
  };
  alerts: {
    /** List alerts with their states, and the silences: `GET /alerts`. */
    list: Call<'alerts.list'>;
    /** List the latest begins and ends of alerts, newest first: `GET /alerts/history`. */
    listChanges: Call<'alerts.listChanges'>;
  };
  alertSilences: {
    /** Create a silence of an alert: `POST /alerts/silences`. */
    create: Call<'alertSilences.create'>;
    /** Delete a silence, which ends now: `DELETE /alerts/silences/{id}`. */
    delete: Call<'alertSilences.delete'>;
  };
  alertMessages: {
    /** Create a test message for every channel: `POST /alerts/test`. */
    create: Call<'alertMessages.create'>;
  };
  auditEntries: {
    /** List the entries of the audit trail, newest first: `GET /audit`. */
    list: Call<'auditEntries.list'>;
    /** List the entries of the audit trail as AuditEvents of FHIR R4, newest first: `GET /audit/fhir`. */
    listAsFhir: Call<'auditEntries.listAsFhir'>;
    /** Get an entry of the audit trail: `GET /audit/entries/{id}`. */
    get: Call<'auditEntries.get'>;
    /** Get the proof that an entry is in the sealed audit trail: `GET /audit/entries/{id}/proof`. */
    getProof: Call<'auditEntries.getProof'>;
    /** Erase the data of an entry of the audit trail: `POST /audit/entries/{id}/erase`. */
    eraseData: Call<'auditEntries.eraseData'>;
  };
  auditSeals: {
    /** List the seals of the audit trail, oldest first: `GET /audit/seals`. */
    list: Call<'auditSeals.list'>;
  };
  audit: {
    /** Queue the verification of the whole audit trail: `POST /audit/verify`. */
    requestVerification: Call<'audit.requestVerification'>;
  };
  auditKeys: {
    /** List the public keys of the seals as JSON Web Keys: `GET /.well-known/holdfast-audit-keys.json`. */
    list: Call<'auditKeys.list'>;
  };
  cache: {
    /** Get the cache’s statistics: `GET /cache/stats`. */
    getStatistics: Call<'cache.getStatistics'>;
    /** Get a cache entry’s age, freshness, tags and size: `GET /cache/entries/{query}`. */
    getEntry: Call<'cache.getEntry'>;
    /** Invalidate cached values of the tenant by tags or by a pattern of keys: `POST /cache/invalidate`. */
    invalidate: Call<'cache.invalidate'>;
  };
  metrics: {
    /** Get the metrics of the service for Prometheus: `GET /metrics`. */
    get: Call<'metrics.get'>;
  };
  jobs: {
    /** List jobs, latest change first: `GET /jobs`. */
    list: Call<'jobs.list'>;
    /** Get a job with its attempts, times, errors, progress and result: `GET /jobs/{id}`. */
    get: Call<'jobs.get'>;
    /** Cancel a job, or ask its run to stop: `POST /jobs/{id}/cancel`. */
    cancel: Call<'jobs.cancel'>;
    /** Run a waiting job now: `POST /jobs/{id}/retry`. */
    retry: Call<'jobs.retry'>;
    /** Queue a dead or cancelled job again, under its id: `POST /jobs/{id}/replay`. */
    replay: Call<'jobs.replay'>;
  };
  queues: {
    /** List queues with their numbers of jobs: `GET /queues`. */
    list: Call<'queues.list'>;
    /** Pause a queue: `POST /queues/{name}/pause`. */
    pause: Call<'queues.pause'>;
    /** Resume a queue: `POST /queues/{name}/resume`. */
    resume: Call<'queues.resume'>;
  };
  schedules: {
    /** List schedules with their last outcome and next time: `GET /schedules`. */
    list: Call<'schedules.list'>;
    /** Run a schedule now, as a job: `POST /schedules/{name}/run`. */
    run: Call<'schedules.run'>;
    /** Pause a schedule: `POST /schedules/{name}/pause`. */
    pause: Call<'schedules.pause'>;
    /** Resume a schedule: `POST /schedules/{name}/resume`. */
    resume: Call<'schedules.resume'>;
  };
  deliveries: {
    /** Count refused deliveries by reason: `GET /deliveries`. */
    countRefused: Call<'deliveries.countRefused'>;
  };
}
