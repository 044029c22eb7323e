/**
 * How long a session lasts and how many a user may have. The presets follow NIST SP 800-63B-4 (2025), sections 2.1.3,
 * 2.2.3 and 2.3.3: AAL1 at most 30 days; AAL2 at most 24 hours and 1 hour of inactivity; AAL3 at most 12 hours and 15
 * minutes. OWASP's Session Management Cheat Sheet asks for both limits to be enforced by the server, and ASVS 7.1.2
 * for a documented number of concurrent sessions and a documented behaviour when it is reached.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { SessionError } from './errors.ts';

/**
 * The effect of a sign-in beyond the cap: it is refused, or it ends the session that began first, or the one that has
 * been unused for longest.
 */
export type OnCap = 'reject' | 'evict-oldest' | 'evict-idle';

/** Limits of sessions, or of refresh tokens. */
export interface SessionPolicy {
  /** A session ends after this time without use. */
  idle: Duration;
  /** A session ends this long after its sign-in, even if it is in use. */
  absolute: Duration;
  /** The shortest time between two stored uses. A session may seem idle for longer than it is, by up to this time. */
  touch: Duration;
  /** The most sessions of one user at the same time. */
  cap: number;
  onCap: OnCap;
}

/** Presets by the assurance they are meant for. */
export const policies = {
  /** Little to lose: a month, and a week without use. */
  aal1: { idle: '7d', absolute: '30d', touch: '1h', cap: 20, onCap: 'evict-idle' },
  /** Personal data. The default. */
  aal2: { idle: '1h', absolute: '24h', touch: '1m', cap: 10, onCap: 'evict-idle' },
  /** Health records, money: a sign-in beyond the cap is refused; it does not end a session that may be in use. */
  aal3: { idle: '15m', absolute: '12h', touch: '30s', cap: 3, onCap: 'reject' },
} as const satisfies Record<string, SessionPolicy>;

/** Refresh tokens of API clients. Their use is always written down; ASVS 10.4.8 asks for an absolute end. */
export const refreshPolicy = {
  idle: '14d',
  absolute: '90d',
  touch: 0,
  cap: 20,
  onCap: 'evict-idle',
} as const satisfies SessionPolicy;

/** The longest life of a session or refresh token. An epoch lives longer, so that no ended session is valid again. */
export const LONGEST_LIFE_MS = milliseconds('90d');
const LARGEST_CAP = 1000;

/** A policy in milliseconds. */
export interface Limits {
  idleMs: number;
  absoluteMs: number;
  touchMs: number;
  cap: number;
  onCap: OnCap;
}

/**
 * Checks a policy.
 * @throws {SessionError} `SESSION_CONFIG` if it makes no sense: with `touch` above `idle`, sessions in use would end.
 */
export function limitsOf(policy: SessionPolicy): Limits {
  const limits: Limits = {
    idleMs: Math.round(milliseconds(policy.idle)),
    absoluteMs: Math.round(milliseconds(policy.absolute)),
    touchMs: Math.round(milliseconds(policy.touch)),
    cap: policy.cap,
    onCap: policy.onCap,
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
