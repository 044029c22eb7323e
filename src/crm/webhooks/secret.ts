/**
 * The secrets of a webhook. After a rotation, the old secret and the new secret both sign for a day, so that a receiver
 * can change its secret at any time of this day. Secrets are sealed for their webhook.
 */
import { z } from 'zod';
import { signatureOf } from '../../platform/outbound/index.ts';
import type { Sealer } from '../../platform/redis/index.ts';
import type { System } from '../../platform/system.ts';

/** How long a secret still signs after its rotation, in ms: a day. */
export const OVERLAP_MS = 86_400_000;
/** The maximum number of secrets that sign beside the current secret. */
export const MOST_EARLIER = 4;

const earlierSchema = z.array(z.object({ sealed: z.string(), until: z.number() }));

/** A secret before a rotation, which signs until `until`, in ms since the epoch. */
export type EarlierSecret = z.infer<typeof earlierSchema>[number];

/** Returns the context to which the seal of a webhook's secret is bound. */
export const secretContext = (tenant: string, id: string) => ['webhook', tenant, id];

/** Makes a new secret: 256 bits, base64, with the prefix of Standard Webhooks. */
export function newSecret(system: Pick<System, 'secret'>): string {
  return `whsec_${Buffer.from(system.secret(), 'base64url').toString('base64')}`;
}

/** Returns the secrets before the latest rotations that still sign at `now`, oldest first. */
export function stillSigning(earlierSecrets: unknown, now: number): EarlierSecret[] {
  return earlierSchema.parse(earlierSecrets).filter(({ until }) => until > now);
}

/** The columns of a webhook that hold its secrets. */
export interface SecretColumns {
  id: string;
  sealedSecret: string;
  earlierSecrets: unknown;
}

/**
 * Returns the header `webhook-signature`: a signature of each secret that signs at `now`, the newest first, separated by
 * blanks. Returns `null` if the current secret cannot be opened.
 */
export async function signaturesOf(
  sealer: Sealer | null,
  tenant: string,
  { id, sealedSecret, earlierSecrets }: SecretColumns,
  message: { id: string; timestamp: string; body: string },
  now: number,
): Promise<string | null> {
  if (!sealer) return null;
  const sealed = [
    sealedSecret,
    ...stillSigning(earlierSecrets, now)
      .map((earlier) => earlier.sealed)
      .toReversed(),
  ];
  const [current, ...earlier] = await Promise.all(sealed.map((text) => sealer.open(text, secretContext(tenant, id))));
  if (current === undefined || current === null) return null;
  return [current, ...earlier.filter((secret) => secret !== null)]
    .map((secret) => signatureOf(secret, message.id, message.timestamp, message.body))
    .join(' ');
}
