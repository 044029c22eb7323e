/**
 * Routes whose reads must be in the audit trail before they are shown. The gate logs a read while it looks up the
 * credentials, and shows nothing if the log does not confirm the entry. The entry of a refusal takes its place. A strict
 * route, or one whose entry needs the value, has its entry after the value is known and before the answer is sent.
 */
import type { Context } from 'hono';
import { routePath } from 'hono/route';
import { insertAuditEntry } from '../outbox/index.ts';
import {
  type AuditedRead,
  appendRead,
  FULL,
  type LoggedRead,
  notLogged,
  type PendingRead,
  type ReadActor,
  ReadLogError,
  type ReadNote,
  removeReads,
} from '../read-log/index.ts';
import { summaryOfError } from './problem.ts';
import type { AppEnv } from './scope.ts';

/** The declaration of a route whose reads are audited. */
export interface AuditedRoute {
  /** Returns what the request reads; `null` for a request that cannot read anything, because it is malformed. No I/O. */
  readOf(c: Context<AppEnv>): AuditedRead | null;
  /** `true`: the database has the entry before the answer is sent, in each setting of `AUDIT_READS`. Default `false`. */
  strict?: boolean;
  /** `true`: the entry waits for the value, because the handler calls {@link noteRead}. It costs 1 request more. */
  late?: boolean;
}

/** The audited read of one request. */
export interface RouteRead {
  readonly tenant: string;
  readonly read: AuditedRead | null;
  readonly isStrict: boolean;
  /** The entry that the lookup of the credentials appends; `undefined` if the entry follows later. */
  readonly pending: PendingRead | undefined;
}

/**
 * When the log has reached this share of its bound, it takes no more reads. The rest is kept for the outcomes of
 * refusals.
 */
const TAKES_READS = 0.8;

/**
 * Adds to the entry of a read, for its success and for a refusal. If the gate has logged the read already, the entry is
 * replaced by the one with the note, which costs 1 request more.
 */
export function noteRead(c: Context<AppEnv>, note: ReadNote): void {
  c.set('readNote', note);
}

/** Starts the audited read of a request, without I/O. */
export function beginRead(c: Context<AppEnv>, route: AuditedRoute, tenant: string): RouteRead {
  const { environment } = c.var.scope;
  c.set('isAudited', true);
  const read = route.readOf(c);
  const isStrict = route.strict === true || environment.AUDIT_READS === 'strict';
  if (isStrict || route.late === true || read === null) return { tenant, read, isStrict, pending: undefined };
  const most = Math.floor(environment.AUDIT_READS_BOUND * TAKES_READS);
  return { tenant, read, isStrict, pending: { tenant, read: loggedOf(c, read, 'ok'), most, result: '' } };
}

/**
 * Requires that the entry of a read is in the log, and appends it if the lookup of the credentials could not. Call it for
 * a verified caller who may use the route.
 * @throws {ReadLogError}
 */
export async function requireLogged(c: Context<AppEnv>, { pending }: RouteRead): Promise<void> {
  if (!pending) return;
  if (pending.result === '') {
    const read = { ...pending.read, actor: actorOf(c) };
    pending.result = await appendRead(c.var.scope.redis, { ...pending, read }).catch(notLogged);
  }
  requireRoom(pending.result);
}

/**
 * Runs the rest of a request, and writes the entries that follow: the outcome of a refusal, and the entry of a strict
 * route, of one whose entry needs the value, or of a noted read. If that entry cannot be written, the answer is dropped.
 * @throws {ReadLogError}
 */
export async function endRead(c: Context<AppEnv>, route: RouteRead, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    await writeRefusal(c, route, summaryOfError(error));
    throw error;
  }
  const { status } = c.res;
  if (status >= 400) {
    await writeRefusal(c, route, c.error ? summaryOfError(c.error) : { status, code: String(status) });
    return;
  }
  if (route.pending && !c.get('readNote')) return;
  try {
    await writeEntry(c, route, 'ok');
  } catch (error) {
    await dropAnswer(c);
    throw error;
  }
}

/** Drops the answer with its headers, which tell about the value too. */
async function dropAnswer(c: Context<AppEnv>): Promise<void> {
  const names = [...c.res.headers.keys()];
  await c.res.body?.cancel();
  c.res = undefined;
  // Hono also keeps the headers for the next answer of the request.
  c.finalized = false;
  for (const name of names) c.header(name, undefined);
}

/** Writes the outcome of a refusal. A caller whose credentials nothing has proved leaves no entry. */
async function writeRefusal(
  c: Context<AppEnv>,
  route: RouteRead,
  { status = 500, code = 'INTERNAL' }: { status?: number; code?: string },
): Promise<void> {
  // Beyond a limit, an API key is not verified, and the lookup may not have answered yet.
  await route.pending?.settled?.catch(() => undefined);
  const isLogged = route.pending !== undefined && route.pending.result !== '';
  if (!route.read || !(isLogged || c.get('caller')) || code.startsWith('READ_')) return;
  const operation = `${c.req.method} ${routePath(c)}`;
  try {
    await writeEntry(c, route, status < 500 ? 'refused' : 'failed', { operation, code });
  } catch (error) {
    // The refusal shows nothing, so it is answered all the same.
    c.var.scope.log.error('audit.refusal_not_logged', { tenant: route.tenant, code, error });
  }
}

/** Writes the entry of a read in place of the one that the gate has logged. */
async function writeEntry(
  c: Context<AppEnv>,
  route: RouteRead,
  outcome: LoggedRead['outcome'],
  more: object = {},
): Promise<void> {
  if (!route.read) throw new ReadLogError('READ_NOT_LOGGED', 'The route has not named what it reads');
  const { scope } = c.var;
  const { tenant, pending } = route;
  const { strict = false, ...note } = c.get('readNote') ?? {};
  const read = { ...route.read, ...note, data: { ...route.read.data, ...note.data, ...more } };
  const replaced = replacedBy(c, pending);
  if (route.isStrict || strict) {
    const { store, system, requestId, redis } = scope;
    const { actorId, apiKeyId } = scope.tenant(tenant);
    const circumstances = { store, system, tenant, actorId, apiKeyId, requestId };
    await insertAuditEntry(circumstances, { ...read, outcome }).catch(notLogged);
    // If this fails, the trail gets a second entry of the read.
    if (replaced !== '') await removeReads(redis, tenant, [replaced]).catch(() => undefined);
    return;
  }
  const bound = scope.environment.AUDIT_READS_BOUND;
  const most = outcome === 'ok' ? Math.floor(bound * TAKES_READS) : bound;
  const logged = { ...loggedOf(c, read, outcome), actor: actorOf(c, pending) };
  requireRoom(await appendRead(scope.redis, { tenant, read: logged, most }, replaced).catch(notLogged));
}

/**
 * Returns the id of the entry that the gate has logged; '' if there is none, or if the caller is unknown because only
 * the session names it.
 */
function replacedBy(c: Context<AppEnv>, pending: PendingRead | undefined): string {
  const isKnown = c.get('caller') !== undefined || pending?.actor !== undefined;
  return pending && isKnown && pending.result !== FULL ? pending.result : '';
}

function requireRoom(result: string): void {
  if (result !== FULL) return;
  throw new ReadLogError('READ_LOG_FULL', 'The log of reads is nearly full, so audited reads are refused for now');
}

function actorOf(c: Context<AppEnv>, pending?: PendingRead): ReadActor {
  const caller = c.get('caller');
  if (!caller) return pending?.actor ?? { type: 'user', id: null };
  return { type: caller.userId === null ? 'machine' : 'user', id: caller.id };
}

function loggedOf(c: Context<AppEnv>, read: AuditedRead, outcome: LoggedRead['outcome']): LoggedRead {
  const { system, requestId } = c.var.scope;
  return { ...read, outcome, requestId, at: system.now() };
}
