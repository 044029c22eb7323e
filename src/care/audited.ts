/**
 * Every answer of the care area is in the audit trail before it is sent: reads, searches, and refusals. A view declares
 * `audited`, and the gate writes its entries. A search names its read with `noteAccess`, and a write its refusal with
 * `noteWrite`. An answer to a GET without any of these is an error, so no route can forget its entry; an answer whose
 * entry cannot be written is not sent. Writes have their entries in their own transactions.
 */
import type { Context } from 'hono';
import { routePath } from 'hono/route';
import { type AppEnv, createRouter, notFound, summaryOfError } from '../platform/http/index.ts';
import type { NewAuditEntry } from '../platform/outbox/index.ts';
import { isRowId, shownPath } from './row-id.ts';

const PATIENT_ID = /^patient_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Returns the patient in a path. Other texts in the place of the id, which may be a name, are not stored. */
export const patientIn = ({ id }: { id: string }) => (PATIENT_ID.test(id) ? id : undefined);

/**
 * Returns the id for the entry of a read; `undefined` if the text cannot be an id, because the entry must not store
 * other texts.
 */
export const shownId = (id: string) => (isRowId(id) ? id : undefined);

/** Returns the row in a path, for the entry of a read. */
export const rowIn = ({ id }: { id: string }) => shownId(id);

/** The `audited` of a view about the patient whose id is `id` in the path. */
export const ofPatient = (action: string) => ({ action, entity: 'patient', idOf: patientIn, patientOf: patientIn });

/**
 * Requires that texts can be ids of rows. A view calls this before it reads anything, because a key of the cache would keep
 * the text.
 * @param kind What the answer calls the row: `account`.
 * @throws {ProblemError} 404
 */
export function requireRowId(kind: string, ...ids: readonly (string | undefined)[]): void {
  if (!ids.every(isRowId)) throw notFound(kind);
}

/** A read, as its entry shows it. */
export type Access = Omit<NewAuditEntry, 'outcome'>;

const notes = new WeakMap<Context<AppEnv>, Access & { isWrite: boolean }>();

/**
 * Notes what a command reads. Call this before the decision whether the caller may read: refusals show it too.
 * @throws {ProblemError} 404 if an id is a text that cannot be one.
 */
export function noteAccess(c: Context<AppEnv>, access: Access): void {
  note(c, access, false);
}

/**
 * Notes what a request writes, for the entry of a refusal. The entry of a success is in the write's transaction.
 * @throws {ProblemError} 404 if an id is a text that cannot be one.
 */
export function noteWrite(c: Context<AppEnv>, access: Access): void {
  note(c, access, true);
}

function note(c: Context<AppEnv>, access: Access, isWrite: boolean): void {
  const { entity, patientId, ...rest } = access;
  if (isRowId(entity.id) && isRowId(patientId)) {
    notes.set(c, { ...access, isWrite });
    return;
  }
  notes.set(c, { ...rest, entity: { type: entity.type }, isWrite });
  throw notFound(entity.type);
}

/** Thrown if a route of the care area answers with data and says nowhere what it read. */
export class UnauditedReadError extends Error {
  override readonly name = 'UnauditedReadError';
  readonly code = 'CARE_READ_NOT_NOTED';
}

/** The statuses of refusals: no right or no care relation, no such row, too many requests. */
const REFUSALS: readonly number[] = [403, 404, 429];

/** The middleware of all routes under `/care`. It must be mounted before them. */
export const auditedRoutes = createRouter();

auditedRoutes.use('/care/*', async function audited(c, next) {
  await next();
  c.header('cache-control', 'no-store');
  c.set('pathInLog', shownPath(routePath(c), c.req.path));
  if (c.get('isAudited')) return;
  const noted = notes.get(c);
  const { isWrite = false, ...note } = noted ?? {};
  if (c.res.ok) {
    if (noted && !isWrite) await write(c, note as Access);
    else if (!noted && (c.req.method === 'GET' || c.req.method === 'HEAD')) {
      throw new UnauditedReadError(`${routePath(c)} declares no audited read`);
    }
  } else if (REFUSALS.includes(c.res.status)) await writeRefusal(c, note);
});

/** Writes an entry of its own, in addition to those of the request's writes. 1 statement. */
async function write({ var: { tenant } }: Context<AppEnv>, entry: NewAuditEntry): Promise<void> {
  // The request may have a condition such as `If-Match`. It was about the row of the handler, not about this entry.
  tenant.precondition = null;
  await tenant.commit((tx) => tx.audit(entry));
}

/** Writes the entry of a refusal. A request without a verified caller has no tenant, so it gets no entry. */
async function writeRefusal(c: Context<AppEnv>, note: Partial<Access>): Promise<void> {
  if (c.get('tenant') === undefined) return;
  const code = c.error ? summaryOfError(c.error).code : String(c.res.status);
  const operation = `${c.req.method} ${routePath(c)}`;
  const patientId = note.patientId ?? patientIn({ id: c.req.path.split('/')[3] ?? '' });
  await write(c, {
    action: note.action ?? 'care.requested',
    entity: note.entity ?? (patientId === undefined ? { type: 'care' } : { type: 'patient', id: patientId }),
    ...(patientId === undefined ? {} : { patientId }),
    outcome: 'refused',
    data: { ...note.data, operation, code },
  });
}
