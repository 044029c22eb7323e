/**
 * Policies of sessions by role. Modules declare them at module load, as they declare rights; see `module.ts`. A role
 * without a policy has the default of its kind: `policies.aal2` for sessions, `refreshPolicy` for refresh tokens.
 */
import { type Limits, limitsOf, type SessionPolicy } from './policy.ts';

const ofRoles = new Map<string, Limits>();

/** The limits of each role for which a module declares a policy. */
export const roleLimits: ReadonlyMap<string, Limits> = ofRoles;

/**
 * Sets the policy of sessions and refresh tokens of some roles. If a role already has a policy, the stricter bound of
 * each pair counts.
 * @throws {SessionError} `SESSION_CONFIG` for an invalid policy.
 */
export function defineSessionPolicy(roles: readonly string[], policy: SessionPolicy): void {
  const limits = limitsOf(policy);
  for (const role of roles) {
    const known = ofRoles.get(role);
    ofRoles.set(role, known ? stricter(known, limits) : limits);
  }
}

/** Returns the stricter bound of each pair. A bound on uses that are not stored stays below the idle time. */
export function stricter(one: Limits, other: Limits): Limits {
  return {
    idleMs: Math.min(one.idleMs, other.idleMs),
    absoluteMs: Math.min(one.absoluteMs, other.absoluteMs),
    touchMs: Math.min(one.touchMs, other.touchMs),
    cap: Math.min(one.cap, other.cap),
    onCap: one.cap <= other.cap ? one.onCap : other.onCap,
    sealed: one.sealed || other.sealed,
  };
}
