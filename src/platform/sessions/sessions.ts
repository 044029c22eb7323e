/** The operations on sessions of one tenant in one scope. `create-sessions.ts` implements them. */
import type { Duration } from '../duration.ts';
import type { RedisClient, Sealer } from '../redis/index.ts';
import type { System } from '../system.ts';
import type { Revocation } from './end-again.ts';
import type { Epochs } from './epochs.ts';
import { SessionError } from './errors.ts';
import type { AuthKeys } from './keys.ts';
import type { ListedSession } from './list.ts';
import type { SessionPolicy } from './policy.ts';
import type { Ended } from './record.ts';
import type { Session } from './session.ts';
import type { PresentedSession } from './token.ts';

/** The services and options of sessions. */
export interface SessionsOptions {
  tenant: string;
  redis: RedisClient;
  system: System;
  keys: AuthKeys;
  /** Does work after the response: touches are not waited for, nor counted among what a request cost. */
  after(work: () => Promise<unknown>): void;
  /** Default `policies.aal2`. */
  policy?: SessionPolicy;
  /** Seals the data of sessions. Not their records, which name users, roles and devices. */
  sealer?: Sealer | null;
  /** Called when a well-formed token was refused: worth an audit event. */
  onRefused?(reason: Refusal, presented: { tenant: string; bucket: string; sid: string }): void;
  /** Called with each revocation, to repeat it in case Redis loses it; see `end-again.ts`. */
  onRevoked?(revocation: Revocation): void;
}

/**
 * Why a token was refused: its tenant is another; nothing has this sid; the secret is wrong; the record is another
 * user's; it was revoked, unused or too old; its data cannot be opened.
 */
export type Refusal = 'other-tenant' | 'unknown' | 'wrong-secret' | 'misplaced' | Ended | 'unreadable';

/** A sign-in. */
export interface SignIn {
  userId: string;
  role: string;
  /** As in RFC 8176: `pwd`, `otp`, `hwk`, … */
  methods: readonly string[];
  /** The `User-Agent` header. */
  userAgent?: string | null | undefined;
  data?: unknown;
  /** The session the browser had until now, of this or another user: it ends. */
  replaces?: Session | null | undefined;
}

/** The changes of a rotation; the rest stays. */
export interface SessionChanges {
  role?: string;
  methods?: readonly string[];
  /** The user has just proved again who they are. */
  reauthenticated?: boolean;
}

/** A session and the token that opens it: the only time it is seen. */
export interface Opened {
  session: Session;
  token: string;
}

/** `gone`: the epochs have changed since they were read. `cap`: too many sessions. */
export type CreateOutcome = ({ kind: 'created'; evicted: string[] } & Opened) | { kind: 'gone' } | { kind: 'cap' };
/** `gone`: the session had ended, or another request has rotated it. */
export type RotateOutcome = ({ kind: 'rotated' } & Opened) | { kind: 'gone' };
/** `ended`: Redis refused the new token, so all of the user's sessions were ended, including this one. */
export type RevokeOthersOutcome = RotateOutcome | { kind: 'ended' };

/**
 * Sessions. Costs are Redis requests/commands. Every method rejects with {@link SessionError} `SESSION_UNAVAILABLE` if
 * Redis does not answer; a change may have happened then, and all but `create` and the rotations may be asked again.
 * Changes reject with `SESSION_REFUSED` if Redis answers and takes no change. Revocations work also in a full Redis,
 * see `revoke.ts`: they are refused only if Redis refuses deletion too.
 */
export interface Sessions {
  /** Reads the user's epochs. Do so before checking credentials, and hand them to {@link create}. 1/1. */
  readEpochs(userId: string): Promise<Epochs>;
  /**
   * Signs a user in. 1/1; 1/2 if it replaces another user's session. If the answer is lost, a session without a known
   * token may remain; it ends by itself.
   * @throws {SessionError} `SESSION_DATA` if the data is too large.
   */
  create(signIn: SignIn, epochs: Epochs): Promise<CreateOutcome>;
  /**
   * The session of a token, or `null`. 1/2; once per `touch` of the policy 1/1 more, after the response. Reads may be
   * served by a replica where the database has any, and a replica may be behind a revocation for a moment.
   */
  validate(presented: PresentedSession): Promise<Session | null>;
  /**
   * Gives a session a new token; the old one is invalid from then on. Do so whenever privileges change. The deadline
   * and the data stay. 1/1. If the answer is lost, the session is lost too: the user signs in again.
   */
  rotate(session: Session, changes?: SessionChanges): Promise<RotateOutcome>;
  /** Replaces a session's data; the last writer wins. `false` if the session has ended or was rotated. 1/1. */
  update(session: Session, data: unknown): Promise<boolean>;
  /** Ends a session or a family of refresh tokens by its id. `false` if it does not exist. 1/1; if refused 3/3 more. */
  revoke(entry: { userId: string; id: string }): Promise<boolean>;
  /**
   * Rotates a session and ends all other entries of its user, also those being created with credentials checked before.
   * A change of password or of second factor must offer this (ASVS 7.4.3). 1/1; in a Redis that refuses it 2/2 more.
   */
  revokeOthers(session: Session, changes?: SessionChanges): Promise<RevokeOthersOutcome>;
  /** Ends all sessions and refresh tokens of a user. 1/1, however many; in a Redis that refuses it 2/2 more. */
  revokeAll(userId: string): Promise<void>;
  /**
   * Ends all sessions and refresh tokens of the tenant. 1/1, however many; in a Redis that refuses it, requests in
   * proportion to the number of its keys.
   */
  revokeTenant(): Promise<void>;
  /** Lists sessions and token families. `current` marks the session that asks. 1/2; while keys change, 1 more each. */
  list(userId: string, current?: Session): Promise<ListedSession[]>;
  /**
   * Checks that the user has proved who they are within this time.
   * @throws {SessionError} `SESSION_NOT_FRESH`
   */
  requireFresh(session: Session, within: Duration): void;
}
