/**
 * A request of each GET route, with its filters. Ids are rows that exist in a tenant of any size: the middle of a table
 * in the order of creation, and a user whose share of the rows grows with the tenant. A route of the API that is in
 * neither list is an error, so that a new route is measured from its first day.
 */
import { idOf, type Size } from './rows.ts';

/** A request to measure. */
export interface Sample {
  /** The route in the form of the OpenAPI document. */
  route: string;
  path: string;
  /** The filter, or the kind of the row. */
  about?: string;
}

const NOW = 'a session, health, or counts in Redis and in this process';
const REDIS = 'records in Redis';
const PATIENT = 'the rows of one patient, found by their keys';
const SERVICE = 'the state of the service, of which a tenant has no rows';

/** Routes that do not read the rows of `rows.ts`, each with the data that it reads instead. */
export const withoutRows: Readonly<Record<string, string>> = {
  '/health': NOW,
  '/health/ready': NOW,
  '/auth/session': NOW,
  '/auth/passkeys': NOW,
  '/auth/sessions': NOW,
  '/feeds': REDIS,
  '/feeds/presence': REDIS,
  '/streams': SERVICE,
  '/streams/{stream}/groups/{group}/dead': SERVICE,
  '/alerts': SERVICE,
  '/alerts/history': SERVICE,
  '/cache/stats': NOW,
  '/cache/entries/{query}': REDIS,
  '/metrics': NOW,
  '/.well-known/holdfast-audit-keys.json': NOW,
  '/jobs': REDIS,
  '/jobs/{id}': REDIS,
  '/queues': REDIS,
  '/schedules': SERVICE,
  '/deliveries': REDIS,
  '/me/preferences': 'a document, found by its key',
  '/me/drafts': 'documents of one user, of which there are few',
  '/me/drafts/{name}': 'a document, found by its key',
  '/custom-fields': 'definitions, of which a tenant has few',
  '/custom-fields/{id}': 'a definition, found by its key',
  '/care/patients/{id}': PATIENT,
  '/care/patients/{id}/accesses': 'the entries of one patient, found by two indexes',
  '/care/patients/{id}/records': PATIENT,
  '/care/patients/{id}/records/{recordId}': PATIENT,
  '/care/patients/{id}/consents': PATIENT,
  '/care/patients/{id}/team': PATIENT,
  '/care/staff': 'the departments of the nurses, of which a tenant has few',
  '/care/patients/{id}/exports/{exportId}': PATIENT,
  '/care/patients/{id}/exports/{exportId}/file': PATIENT,
  '/care/patients/{id}/accounts': PATIENT,
  '/care/patients/{id}/appointments': PATIENT,
  '/care/accounts/{id}': 'an account, found by its key',
  '/care/accounts/{id}/entries': 'a page of one account, found by its key',
  '/care/ledger': 'the accounts of a tenant, of which bench/growth makes none',
  '/care/appointments': 'the visits of a day, at most 500, found by an index',
  '/care/appointments/{id}': 'a visit, found by its key',
  '/care/board': 'the visits of a day in a department, at most 300, found by an index',
  '/care/board/hallway': 'the visits of a day in a department, at most 300, found by an index',
  '/care/break-glass': 'accesses in emergencies, of which a tenant has few',
  '/search': 'the index of words, which `bench/search` fills and measures',
};

/** Returns the requests for a tenant of a size, as of a day. */
export function samplesOf(size: Size, today: string): Sample[] {
  const middle = (prefix: string, count: number) => idOf(prefix, Math.ceil(count / 2));
  const user = idOf('user', 1);
  const [company, contact] = [middle('company', size.companies), middle('contact', size.contacts)];
  const [deal, task] = [middle('deal', size.deals), middle('task', size.tasks)];
  // The first project has a share of all tasks, the others have as many in a tenant of any size.
  const [large, project] = [idOf('project', 1), idOf('project', 2)];
  const audit = middle('audit', size.notices);
  const [webhook, file] = [idOf('webhook', 1), middle('import', size.files)];
  const year = `${Number(today.slice(0, 4)) - 1}${today.slice(4).replace('-02-29', '-02-28')}`;
  const sample = (route: string, path = route, about?: string): Sample => ({ route, path, ...(about && { about }) });
  /** A route without filters, then with each filter. */
  const list = (route: string, path: string, filters: Record<string, string>) => [
    sample(route, path),
    ...Object.entries(filters).map(([about, search]) => sample(route, `${path}?${search}`, about)),
  ];
  const one = (route: string, id: string) => sample(route, route.replace(/\{\w+\}/, id));
  return [
    ...[sample('/tenant'), sample('/api-keys'), one('/api-keys/{id}', 'key000000001')],
    ...list('/users', '/users', { role: 'role=member', search: 'search=amber' }),
    ...['/users/{id}', '/users/{id}/full', '/users/{id}/projects', '/users/{id}/dashboard'].map((r) => one(r, user)),
    ...list('/users/{id}/tasks', `/users/${user}/tasks`, {
      'often: done': 'status=done',
      'seldom: blocked': 'status=blocked',
      'the next page': `cursor=0_${today}_${task}`,
    }),
    ...list('/companies', '/companies', {
      industry: 'industry=Amber',
      owner: `ownerId=${user}`,
      'the next page': `cursor=${company}`,
    }),
    ...[one('/companies/{id}', company), one('/companies/{id}/full', company)],
    ...list('/contacts', '/contacts', {
      company: `companyId=${company}`,
      owner: `ownerId=${user}`,
      'company, owner': `companyId=${company}&ownerId=${user}`,
    }),
    ...[one('/contacts/{id}', contact), one('/contacts/{id}/full', contact)],
    ...[sample('/deals/pipeline'), one('/deals/{id}', deal), one('/deals/{id}/history', deal)],
    ...list('/deals', '/deals', {
      stage: 'stage=won',
      company: `companyId=${company}`,
      owner: `ownerId=${user}`,
      'owner, stage': `ownerId=${user}&stage=negotiation`,
      'the next page': `cursor=${deal}`,
    }),
    ...list('/projects', '/projects', {
      status: 'status=active',
      company: `companyId=${company}`,
      owner: `ownerId=${user}`,
      'owner, status': `ownerId=${user}&status=done`,
    }),
    ...['/projects/{id}', '/projects/{id}/details', '/projects/{id}/full', '/projects/{id}/team'].map((r) =>
      one(r, project),
    ),
    ...list('/projects/{id}/tasks', `/projects/${project}/tasks`, { status: 'status=done' }),
    one('/projects/{id}/stats', project),
    sample('/projects/{id}/tasks', `/projects/${large}/tasks`, 'a project with 1 % of all tasks'),
    sample('/projects/{id}/tasks', `/projects/${large}/tasks?status=blocked`, 'the same, blocked'),
    sample('/projects/{id}/full', `/projects/${large}/full`, 'the same'),
    sample('/projects/{id}/stats', `/projects/${large}/stats`, 'the same'),
    ...list('/tasks', '/tasks', {
      status: 'status=blocked',
      priority: 'priority=urgent',
      assignee: `assigneeId=${user}`,
      'assignee, status': `assigneeId=${user}&status=blocked`,
      project: `projectId=${project}`,
      'a project with 1 % of all tasks': `projectId=${large}`,
      deal: `dealId=${deal}`,
      'due before today': `dueBefore=${today}`,
      'due before any': `dueBefore=${year}`,
    }),
    one('/tasks/{id}', task),
    ...[sample('/dashboard'), sample('/dashboard/overview'), sample('/dashboard/stats')],
    ...list('/dashboard/activity', '/dashboard/activity', {}),
    one('/analytics/companies/{id}/monthly', company),
    sample('/analytics/platform'),
    ...list('/analytics/activity', '/analytics/activity', {
      'by person': 'by=person',
      'by kind, a year': `by=kind&from=${year}&to=${today}`,
    }),
    ...list('/analytics/velocity', '/analytics/velocity', { '36 months': 'months=36' }),
    ...[sample('/imports'), one('/imports/{id}', file), one('/imports/{id}/rejected', file)],
    sample('/exports'),
    ...[one('/exports/{id}', middle('export', size.files)), one('/exports/{id}/file', middle('export', size.files))],
    ...[sample('/notifications'), sample('/notifications/unread')],
    ...[sample('/webhooks'), one('/webhooks/{id}', webhook)],
    ...list('/webhooks/{id}/deliveries', `/webhooks/${webhook}/deliveries`, { status: 'status=failed' }),
    one('/me/lists/{list}', 'deals'),
    sample('/analytics/usage'),
    ...list('/audit', '/audit', {
      actor: `actorId=${user}`,
      'an action without entries': 'action=webhook.deleted',
      'an outcome without entries': 'outcome=refused',
      row: `entityType=webhook&entityId=${webhook}`,
      days: `from=${year}&to=${year}`,
    }),
    ...[sample('/audit/fhir'), sample('/audit/seals'), one('/audit/entries/{id}', audit)],
    one('/audit/entries/{id}/proof', audit),
  ];
}

/**
 * Checks that every route of the API is in one of the two lists, and that the lists name no other route.
 * @throws {Error} that names the routes
 */
export function checkSamples(routes: ReadonlySet<string>, samples: readonly Sample[]): void {
  const listed = new Set([...samples.map(({ route }) => route), ...Object.keys(withoutRows)]);
  const missing = [...routes].filter((route) => !listed.has(route));
  const unknown = [...listed].filter((route) => !routes.has(route));
  if (missing.length > 0) throw new Error(`bench/growth/samples.ts has no request of ${missing.join(', ')}`);
  if (unknown.length > 0) throw new Error(`The API has no route ${unknown.join(', ')} of bench/growth/samples.ts`);
}
