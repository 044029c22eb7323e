/** The signature of Standard Webhooks (https://www.standardwebhooks.com). */
import { createHmac } from 'node:crypto';

/**
 * Returns `v1,` and the signature of a message: of its id, its time and its body.
 * @param secret base64, with or without the prefix `whsec_`
 * @param timestamp in seconds since the epoch
 */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
