/**
 * Time-based one-time passwords (RFC 6238) with the values that authenticator apps expect: SHA-1, six digits, steps of
 * 30 s. The library is loaded at the first use.
 */

const ISSUER = 'Holdfast';
const STEP_MS = 30_000;
/** The number of steps before and after the current step whose codes are accepted (RFC 6238, section 5.2). */
const WINDOW = 1;
/** 160 bits, as RFC 4226, section 4 recommends. */
const SECRET_BYTES = 20;

/** The user to whom a factor belongs. */
export interface FactorOwner {
  tenantId: string;
  userId: string;
}

/** The context that binds a sealed secret to its user. */
export function secretContext({ tenantId, userId }: FactorOwner): string[] {
  return ['totp', tenantId, userId];
}

/** A new secret, as text for an app and as the address of a QR code. */
export interface NewSecret {
  /** Base32. */
  secret: string;
  /** `otpauth://totp/…` */
  uri: string;
}

/** Makes a secret. `label` names the account in the app. */
export async function newSecret(label: string): Promise<NewSecret> {
  const { Secret, TOTP } = await import('otpauth');
  const secret = new Secret({ size: SECRET_BYTES });
  return { secret: secret.base32, uri: new TOTP({ issuer: ISSUER, label, secret }).toString() };
}

/**
 * Returns the time step of a code, or `null` if the code belongs to no accepted step.
 * @param secret in Base32.
 * @param now in ms since the epoch.
 */
export async function stepOf(secret: string, code: string, now: number): Promise<number | null> {
  const { TOTP } = await import('otpauth');
  const delta = new TOTP({ secret }).validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / STEP_MS) + delta;
}
