/**
 * How long sessions last and how many a user may have. The presets follow NIST SP 800-63B-4 (2025), sections 2.1.3,
 * 2.2.3 and 2.3.3: AAL1 at most 30 days; AAL2 at most 24 hours and 1 hour of inactivity; AAL3 at most 12 hours and 15
 * minutes. OWASP's Session Management Cheat Sheet requires that the server enforces both limits. ASVS 7.1.2 requires
 * a documented number of concurrent sessions and a documented behaviour when this number is reached.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { SessionError } from './errors.ts';

/**
 * The effect of a sign-in beyond the cap. `reject`: the sign-in is refused. `evict-oldest`: the session that began
 * first ends. `evict-idle`: the session that has been unused for the longest time ends.
 */
export type OnCap = 'reject' | 'evict-oldest' | 'evict-idle';

/** Limits of sessions, or of refresh tokens. */
export interface SessionPolicy {
  /** A session ends after this time without use. */
  idle: Duration;
  /** A session ends this long after its sign-in, even if it is in use. */
  absolute: Duration;
  /**
   * The shortest time between two stored uses. So the stored time of the last use may be older than the last use by up
   * to this time.
   */
  touch: Duration;
  /** The maximum number of sessions of one user at the same time. */
  cap: number;
  onCap: OnCap;
  /**
   * `true` for sessions that show sensitive records. Redis keeps the identity sealed under SEAL_KEYS; an entry that is
   * not sealed, or whose seal does not fit, is no session. No cache may store an answer to such a caller. Default
   * `false`.
   */
  sealed?: boolean;
}

/** Presets, each named after its assurance level. */
export const policies = {
  /** For data of low risk: a session lasts at most a month, and at most a week without use. */
  aal1: { idle: '7d', absolute: '30d', touch: '1h', cap: 20, onCap: 'evict-idle' },
  /** For personal data: the default. */
  aal2: { idle: '1h', absolute: '24h', touch: '1m', cap: 10, onCap: 'evict-idle' },
  /** For health records and money. A sign-in beyond the cap is refused, because another session may still be in use. */
  aal3: { idle: '15m', absolute: '12h', touch: '30s', cap: 3, onCap: 'reject' },
} as const satisfies Record<string, SessionPolicy>;

/** The policy of refresh tokens. Every use of a refresh token is stored. ASVS 10.4.8 requires an absolute end. */
export const refreshPolicy = {
  idle: '14d',
  absolute: '90d',
  touch: 0,
  cap: 20,
  onCap: 'evict-idle',
} as const satisfies SessionPolicy;

/**
 * The longest life of a session or refresh token, in ms. Epochs live longer than this, so that ended sessions stay
 * invalid.
 */
export const LONGEST_LIFE_MS = milliseconds('90d');
const LARGEST_CAP = 1000;

/** A policy in milliseconds. */
export interface Limits {
  idleMs: number;
  absoluteMs: number;
  touchMs: number;
  cap: number;
  onCap: OnCap;
  sealed: boolean;
}

/**
 * Checks a policy and converts its durations to ms.
 * @throws {SessionError} `SESSION_CONFIG` for an invalid policy. For example, if `touch` is above `idle`, sessions in
 * use would end.
 */
export function limitsOf(policy: SessionPolicy): Limits {
  const limits: Limits = {
    idleMs: Math.round(milliseconds(policy.idle)),
    absoluteMs: Math.round(milliseconds(policy.absolute)),
    touchMs: Math.round(milliseconds(policy.touch)),
    cap: policy.cap,
    onCap: policy.onCap,
    sealed: policy.sealed ?? false,
  };
  const { touchMs, idleMs, absoluteMs, cap } = limits;
  if (!(touchMs < idleMs && idleMs <= absoluteMs && absoluteMs <= LONGEST_LIFE_MS)) {
    throw new SessionError('SESSION_CONFIG', 'A policy needs touch < idle ≤ absolute ≤ 90 days');
  }
  if (!(Number.isInteger(cap) && cap >= 1 && cap <= LARGEST_CAP)) {
    throw new SessionError('SESSION_CONFIG', `A policy needs a cap from 1 to ${LARGEST_CAP}`);
  }
  return limits;
}
