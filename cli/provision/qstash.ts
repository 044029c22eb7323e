/** The signing keys of QStash, by its API: `GET /v2/keys`. */
import { z } from 'zod';
import { type Plan, type VendorApi, VendorError } from './step.ts';

const keysSchema = z.object({ current: z.string(), next: z.string() });

/**
 * Reads the signing keys. 1 request.
 * @throws {VendorError} if QStash refuses, or answers in another form.
 */
export async function planQstash(api: VendorApi): Promise<Plan> {
  const keys = keysSchema.safeParse(await api('GET', '/v2/keys'));
  if (!keys.success) throw new VendorError('QStash answers in a form that this version does not know');
  const { current, next } = keys.data;
  return {
    steps: [{ part: 'qstash', state: 'done', text: 'the signing keys are known' }],
    values: () => ({ QSTASH_CURRENT_SIGNING_KEY: current, QSTASH_NEXT_SIGNING_KEY: next }),
  };
}
