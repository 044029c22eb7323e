/**
 * Sessions of one tenant in one scope. One Redis hash holds all sessions of a user. So one command lists them, one
 * command ends them all, and no separate index can disagree with the sessions. A validation only reads, so it may be
 * repeated after a lost answer. Its commands are sent with the other commands of the same turn of the event loop.
 */

import { milliseconds } from '../duration.ts';
import { notLogged, type PendingRead } from '../read-log/index.ts';
import { touchSession, updateSession } from './change-entry.ts';
import { createEntry } from './create-entry.ts';
import { readData, UNREADABLE, writeData } from './data.ts';
import { deviceOf } from './device.ts';
import { type BucketKeys, bucketKeys, type Epochs, readEpochsOf } from './epochs.ts';
import { refused, SessionError, unavailable } from './errors.ts';
import { listEntries } from './list.ts';
import { type LookedUp, lookUpLogged } from './look-up-logged.ts';
import { limitsOf, policies } from './policy.ts';
import { type EntryRecord, endedBy, isPlain, lastSeenIn, readRecord } from './record.ts';
import { createRecords } from './records.ts';
import { revokeEntry, revokeTenant, revokeUser } from './revoke.ts';
import { rotateEntry } from './rotate-entry.ts';
import { recordOf, type Session, sessionOf } from './session.ts';
import type {
  CreateOutcome,
  Refusal,
  RevokeOthersOutcome,
  RotateOutcome,
  SessionChanges,
  Sessions,
  SessionsOptions,
  SignIn,
} from './sessions.ts';
import { digestOf, formatSessionToken, type PresentedSession, provesDigest, TENANT } from './token.ts';

const DEFAULT_LIMITS = limitsOf(policies.aal2);

/**
 * Creates the sessions of a tenant, without I/O.
 * @throws {SessionError} `SESSION_CONFIG` for an invalid policy, or a tenant name that tokens cannot contain.
 */
export function createSessions(options: SessionsOptions): Sessions {
  const { tenant, redis, system, keys, after, sealer = null, onRefused, onRevoked } = options;
  const general = options.policy ? limitsOf(options.policy) : DEFAULT_LIMITS;
  const limitsFor = (role: string) => options.limitsOfRole?.(role) ?? general;
  const records = () => createRecords(sealer, limitsFor);
  if (!new RegExp(`^${TENANT}$`).test(tenant)) {
    throw new SessionError('SESSION_CONFIG', 'A tenant with sessions is named by a-z, 0-9 and -');
  }

  const bucketsOf = (userId: string): BucketKeys[] =>
    keys.bucketsOf(tenant, userId).map((bucket) => bucketKeys(tenant, bucket));

  /** Returns the fields and the epochs of a session. Logs an audited read of its bearer. */
  function lookUp({ bucket, sid, secret }: PresentedSession, read: PendingRead | undefined): Promise<LookedUp> {
    const place = bucketKeys(tenant, bucket);
    if (read) {
      const proof = { name: sid, digest: digestOf(secret), now: system.now() };
      return lookUpLogged(redis, place, proof, read).catch(notLogged);
    }
    return Promise.all([
      redis.exec<(string | null)[]>(['HMGET', place.sessions, sid, `${sid}~`, `${sid}=`]),
      readEpochsOf(redis, tenant, [place]).then((epochs) => ({ tenant: epochs.tenant, user: epochs.user[0] ?? '' })),
    ]).catch(unavailable);
  }

  async function validate(
    presented: PresentedSession,
    isUse = true,
    read: PendingRead | undefined = undefined,
  ): Promise<Session | null> {
    const refuse = (reason: Refusal): null => {
      const { tenant, bucket, sid } = presented;
      onRefused?.(reason, { tenant, bucket, sid });
      return null;
    };
    if (presented.tenant !== tenant) return refuse('other-tenant');
    const { bucket, sid, secret } = presented;
    const place = bucketKeys(tenant, bucket);
    const [fields, epochs] = await lookUp(presented, read);
    const stored = readRecord(fields[0]);
    const at = { hash: place.sessions, name: sid };
    if (!provesDigest(secret, stored?.digest)) return refuse(stored ? 'wrong-secret' : 'unknown');
    const record = stored && (isPlain(stored, limitsFor) ? stored : await records().open(stored, at));
    if (!record) return refuse('unreadable');
    // The bucket must belong to this user under one of our keys. Any other bucket is refused, because `revokeAll` would
    // not end its entries.
    if (!keys.bucketsOf(tenant, record.identity.userId).includes(bucket)) return refuse('misplaced');
    const now = system.now();
    const lastSeenAt = lastSeenIn(fields[1], record);
    const ended = endedBy(record, lastSeenAt, epochs, now);
    if (ended) return refuse(ended);
    const hasData = fields[2] !== null && fields[2] !== undefined;
    const data = hasData ? await readData(fields[2], sealer, place.sessions, record.id) : undefined;
    if (data === UNREADABLE) return refuse('unreadable');
    // If this update does not reach Redis, the session may end a little too early.
    if (isUse && now - lastSeenAt >= limitsFor(record.identity.role).touchMs) {
      after(() => touchSession(redis, place.sessions, sid, now).catch(() => undefined));
    }
    return sessionOf(presented, record, lastSeenAt, data);
  }

  async function create(signIn: SignIn, epochs: Epochs): Promise<CreateOutcome> {
    const { userId, role, methods, provesFactor, userAgent, data, replaces } = signIn;
    const [bucket, ...older] = keys.bucketsOf(tenant, userId);
    const buckets = [bucket, ...older].map((name) => bucketKeys(tenant, name));
    const limits = limitsFor(role);
    const now = system.now();
    const sid = system.token();
    const secret = system.secret();
    const record: EntryRecord = {
      createdAt: now,
      idleMs: limits.idleMs,
      expiresAt: now + limits.absoluteMs,
      epochs: { tenant: epochs.tenant, user: epochs.user[0] ?? '' },
      id: sid,
      identity: {
        ...{ userId, role, authenticatedAt: now, methods },
        ...(provesFactor ? { factorAt: now } : {}),
        device: deviceOf(userAgent),
      },
      digest: digestOf(secret),
    };
    const place = bucketKeys(tenant, bucket);
    const written = data === undefined ? '' : await writeData(data, sealer, place.sessions, sid);
    const own = replaces?.userId === userId;
    const entry = {
      kind: 'session',
      name: sid,
      record,
      text: await records().write(record, { hash: place.sessions, name: sid }),
      seen: String(now),
      data: written,
      replaces: own ? replaces.id : '',
    } as const;
    const [created] = await Promise.all([
      createEntry(redis, tenant, buckets, entry, { epochs, limits, now }),
      replaces && !own ? revokeEntry(redis, bucketsOf(replaces.userId), replaces.id) : undefined,
    ]).catch(refused);
    if (created.kind !== 'created') return created;
    const session = sessionOf({ tenant, bucket, sid }, record, now, data);
    return { ...created, session, token: formatSessionToken({ tenant, bucket, sid, secret }) };
  }

  async function rotate(session: Session, changes: SessionChanges, newEpoch: string): Promise<RotateOutcome> {
    const now = system.now();
    const sid = system.token();
    const secret = system.secret();
    const { bucket } = session;
    const { role = session.role, methods = session.methods, reauthenticated = false, factor } = changes;
    const limits = limitsFor(role);
    const rotated: Session = {
      ...session,
      idleMs: Math.min(session.idleMs, limits.idleMs),
      expiresAt: Math.min(session.expiresAt, session.createdAt + limits.absoluteMs),
      role,
      methods,
      sid,
      lastSeenAt: now,
      authenticatedAt: reauthenticated ? now : session.authenticatedAt,
      factorAt: factor === undefined ? session.factorAt : factor === 'proven' ? now : undefined,
      epochs: newEpoch === '' ? session.epochs : { tenant: session.epochs.tenant, user: newEpoch },
    };
    // The session stays in its bucket, even if the bucket belongs to an older key. This is safe, because the deadline
    // of the session does not change.
    const others = keys.bucketsOf(tenant, session.userId).filter((name) => name !== bucket);
    const buckets = [bucket, ...(newEpoch === '' ? [] : others)].map((name) => bucketKeys(tenant, name));
    const old = recordOf(session, '');
    const record = recordOf(rotated, digestOf(secret));
    const text = await records().write(record, { hash: bucketKeys(tenant, bucket).sessions, name: sid });
    const rotation = { oldSid: session.sid, newSid: sid, old, record, text, now, newEpoch };
    if (!(await rotateEntry(redis, tenant, buckets, rotation).catch(refused))) return { kind: 'gone' };
    return { kind: 'rotated', session: rotated, token: formatSessionToken({ tenant, bucket, sid, secret }) };
  }

  async function revoke({ userId, id }: { userId: string; id: string }): Promise<boolean> {
    const ended = await revokeEntry(redis, bucketsOf(userId), id).catch(refused);
    if (ended) onRevoked?.({ what: 'entry', buckets: keys.bucketsOf(tenant, userId), id });
    return ended;
  }

  async function revokeOthers(session: Session, changes: SessionChanges): Promise<RevokeOthersOutcome> {
    const { userId } = session;
    const epoch = system.token();
    const at = system.now();
    try {
      const outcome = await rotate(session, changes, epoch);
      if (outcome.kind === 'rotated') {
        onRevoked?.({ what: 'user', buckets: keys.bucketsOf(tenant, userId), epoch, at });
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof SessionError && error.code === 'SESSION_REFUSED')) throw error;
    }
    // The caller asked to end the other sessions, so they must end even if this session gets no new token.
    await revokeAll(userId);
    return { kind: 'ended' };
  }

  async function revokeAll(userId: string): Promise<void> {
    const epoch = system.token();
    const at = system.now();
    const set = await revokeUser(redis, bucketsOf(userId), epoch).catch(refused);
    const buckets = keys.bucketsOf(tenant, userId);
    onRevoked?.({ what: 'user', buckets, epoch: set.epoch ? epoch : '', at });
  }

  async function revokeAllOfTenant(): Promise<void> {
    const epoch = system.token();
    const before = await revokeTenant(redis, tenant, epoch).catch(refused);
    if (before !== null) onRevoked?.({ what: 'tenant', before, epoch });
  }

  return {
    validate,
    create,
    readEpochs: (userId) => readEpochsOf(redis, tenant, bucketsOf(userId)).catch(unavailable),
    rotate: (session, changes = {}) => rotate(session, changes, ''),
    revokeOthers: (session, changes = {}) => revokeOthers(session, changes),
    async update({ bucket, sid, id }, data) {
      const { sessions } = bucketKeys(tenant, bucket);
      return updateSession(redis, sessions, sid, await writeData(data, sealer, sessions, id)).catch(refused);
    },
    revoke,
    revokeAll,
    revokeTenant: revokeAllOfTenant,
    list: (userId, current) =>
      listEntries(redis, tenant, bucketsOf(userId), system.now(), current?.id, records()).catch(unavailable),
    requireFresh({ authenticatedAt }, within) {
      if (system.now() - authenticatedAt <= milliseconds(within)) return;
      throw new SessionError('SESSION_NOT_FRESH', 'Sign in again to confirm your identity');
    },
    requireFreshFactor({ factorAt }, within) {
      if (factorAt !== undefined && system.now() - factorAt <= milliseconds(within)) return;
      throw new SessionError('SESSION_NOT_FRESH', 'Prove your second factor again to confirm your identity');
    },
  };
}
