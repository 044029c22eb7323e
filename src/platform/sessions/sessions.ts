/** The operations on sessions of one tenant in one scope. `create-sessions.ts` implements them. */
import type { Duration } from '../duration.ts';
import type { PendingRead } from '../read-log/index.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Revocation } from './end-again.ts';
import type { Epochs } from './epochs.ts';
import { SessionError } from './errors.ts';
import type { AuthKeys } from './keys.ts';
import type { ListedSession } from './list.ts';
import type { Limits, SessionPolicy } from './policy.ts';
import type { Ended } from './record.ts';
import type { Session } from './session.ts';
import type { PresentedSession } from './token.ts';

/** The services and options of sessions. */
export interface SessionsOptions {
  tenant: string;
  redis: RedisClient;
  system: System;
  keys: AuthKeys;
  /** Runs work after the response. So no request waits for a touch, and its cost is not part of the request's cost. */
  after(work: () => Promise<unknown>): void;
  /** The policy of sessions. Default `policies.aal2`. */
  policy?: SessionPolicy;
  /** Returns the limits of a role, if the role has limits of its own. */
  limitsOfRole?(role: string): Limits | undefined;
  /**
   * Seals the data of sessions. Records, which contain users, roles and devices, are sealed if the policy of the role
   * says so.
   */
  sealer?: Sealer | null;
  /** Called when a well-formed token is refused, so that an audit event can be written. */
  onRefused?(reason: Refusal, presented: { tenant: string; bucket: string; sid: string }): void;
  /** Called with each revocation, so that a revocation that Redis has lost can be repeated; see `end-again.ts`. */
  onRevoked?(revocation: Revocation): void;
}

/**
 * The reason why a token was refused. `other-tenant`: the token is for another tenant. `unknown`: no session has this
 * sid. `misplaced`: the bucket is not a bucket of the record's user. `unreadable`: the data or the sealed record cannot be
 * opened, or the record is not sealed although the policy of its role requires it.
 */
export type Refusal = 'other-tenant' | 'unknown' | 'wrong-secret' | 'misplaced' | Ended | 'unreadable';

/** A sign-in. */
export interface SignIn {
  userId: string;
  role: string;
  /** The methods of the proof, with the names of RFC 8176: `pwd`, `otp`, `hwk`, … */
  methods: readonly string[];
  /** `true` if the user has just proved a second factor. */
  provesFactor?: boolean;
  /** The `User-Agent` header. */
  userAgent?: string | null | undefined;
  data?: unknown;
  /** The browser's previous session, of this user or another user. The sign-in ends this session. */
  replaces?: Session | null | undefined;
}

/** The changes of a rotation. Fields left out stay unchanged. */
export interface SessionChanges {
  role?: string;
  methods?: readonly string[];
  /** `true` if the user has just proved their identity again. */
  reauthenticated?: boolean;
  /** `proven` if the user has just proved a second factor, `removed` if the user has no second factor any more. */
  factor?: 'proven' | 'removed';
}

/** A session and its token. The token cannot be read again later. */
export interface Opened {
  session: Session;
  token: string;
}

/** `gone`: the epochs have changed since the caller read them. `cap`: the user has too many sessions. */
export type CreateOutcome = ({ kind: 'created'; evicted: string[] } & Opened) | { kind: 'gone' } | { kind: 'cap' };
/** `gone`: the session had ended, or another request has rotated it. */
export type RotateOutcome = ({ kind: 'rotated' } & Opened) | { kind: 'gone' };
/** `ended`: Redis refused the new token, so all of the user's sessions were ended, including this one. */
export type RevokeOthersOutcome = RotateOutcome | { kind: 'ended' };

/**
 * The operations on sessions. Every method rejects with {@link SessionError} `SESSION_UNAVAILABLE` if Redis does not
 * answer. In this case a change may have been made; every method except `create` and the rotations may be called again.
 * Changes reject with `SESSION_REFUSED` if Redis answers but refuses the change. Revocations also work in a full Redis
 * (see `revoke.ts`), and fail only if Redis refuses deletions too.
 */
export interface Sessions {
  /**
   * Reads the user's epochs. Read them before credentials are checked, and pass them to {@link create}. 1 request, 1
   * command.
   */
  readEpochs(userId: string): Promise<Epochs>;
  /**
   * Signs a user in. 1 request, 1 command; 1 more command if the new session replaces another user's session. If the
   * answer is lost, a new session may stay in Redis until it expires, but no client has its token.
   * @throws {SessionError} `SESSION_DATA` if the data is too large, `SESSION_SEAL_KEYS` if the record must be sealed and
   * there are no SEAL_KEYS.
   */
  create(signIn: SignIn, epochs: Epochs): Promise<CreateOutcome>;
  /**
   * Returns the session of a token, or `null`. 1 request, 2 commands; once per `touch` of the policy, 1 more request
   * and command after the response. If Redis has replicas, a replica may serve the reads, and may learn of a revocation
   * a moment later.
   *
   * With an audited `read`, a script looks the session up and logs the read if the secret is right: 1 request, 1
   * command, or `ReadLogError` `READ_NOT_LOGGED`.
   */
  validate(presented: PresentedSession, isUse?: boolean, read?: PendingRead): Promise<Session | null>;
  /**
   * Gives a session a new token and makes the old token invalid. Rotate whenever privileges change. The deadline and
   * the data do not change, except that a new role with a stricter policy shortens the life. 1 request, 1 command. If the answer is lost, the session is lost too, and the user must
   * sign in again.
   */
  rotate(session: Session, changes?: SessionChanges): Promise<RotateOutcome>;
  /**
   * Replaces a session's data; the last write wins. Returns `false` if the session has ended or was rotated. 1 request,
   * 1 command.
   */
  update(session: Session, data: unknown): Promise<boolean>;
  /**
   * Ends a session or token family by id. Returns `false` if the id is unknown. 1 request, 1 command; 3 more of each if
   * Redis refuses the command.
   */
  revoke(entry: { userId: string; id: string }): Promise<boolean>;
  /**
   * Rotates a session and ends all other entries of its user, also those of sign-ins in progress. Offer this to users
   * who change a password or a second factor (ASVS 7.4.3). 1 request, 1 command; 2 more of each if Redis refuses the
   * command.
   */
  revokeOthers(session: Session, changes?: SessionChanges): Promise<RevokeOthersOutcome>;
  /**
   * Ends all sessions and refresh tokens of a user. 1 request and 1 command for any number of sessions; 2 more of each
   * if Redis refuses the command.
   */
  revokeAll(userId: string): Promise<void>;
  /**
   * Ends all sessions and refresh tokens of the tenant. 1 request and 1 command for any number of sessions. If Redis
   * refuses the command, the number of requests grows with the number of keys in Redis.
   */
  revokeTenant(): Promise<void>;
  /**
   * Lists sessions and token families. `current` is the session of the request. 1 request, 2 commands; 1 more command
   * for each older key of `AUTH_KEYS`.
   */
  list(userId: string, current?: Session): Promise<ListedSession[]>;
  /**
   * Checks that the user has proved their identity within this time.
   * @throws {SessionError} `SESSION_NOT_FRESH`
   */
  requireFresh(session: Pick<Session, 'authenticatedAt'>, within: Duration): void;
  /**
   * Checks that the user has proved a second factor within this time.
   * @throws {SessionError} `SESSION_NOT_FRESH`
   */
  requireFreshFactor(session: Pick<Session, 'factorAt'>, within: Duration): void;
}
