/** The traffic of a month, as a file describes it: the calls of each operation, and assumptions that can be replaced. */
import { z } from 'zod';
import { issueMessage } from '../../src/platform/http/index.ts';
import { UsageError } from '../usage-error.ts';
import { PRICES } from './prices.ts';

const share = z.number().min(0).max(1);
/** The limit keeps every product of amounts a number. */
const amount = z.number().min(0).max(1e15);

const trafficSchema = z.strictObject({
  /** Calls in a month. */
  calls: amount,
  /** The share of the calls that find the value in the cache. Default: that of the profile. */
  hitRatio: share.optional(),
  /** The share of the calls with `Idempotency-Key`. */
  keyed: share.default(0),
});

const profileSchema = z.strictObject({
  operations: z.record(z.string(), trafficSchema),
  hitRatio: share.default(0.9),
  /** The work of the run of a job, for each message of QStash. Each job claims and finishes its run. */
  run: z
    .strictObject({ requests: amount, commands: amount, statements: amount })
    .default({ requests: 2, commands: 2, statements: 0 }),
  /** The schedules, which run each minute, on the average of an hour in a new deployment. */
  schedules: z
    .strictObject({ times: amount, requests: amount, commands: amount })
    .default({ times: 43_800, requests: 19, commands: 107 }),
  /** GB in Redis, and GB from and to Redis in a month. */
  storageGb: amount.default(0),
  bandwidthGb: amount.default(0),
  /** CPU time and time of an invocation, in ms. */
  cpuMs: amount.default(5),
  durationMs: amount.default(50),
  /** The memory of the Lambdas; `serverless.yml` has 512. */
  memoryMb: amount.default(512),
  prices: z.partialRecord(z.enum(Object.keys(PRICES) as [keyof typeof PRICES]), amount).default({}),
});

/** The traffic of a month. */
export type Profile = z.output<typeof profileSchema>;
/** The traffic of one operation. */
export type Traffic = z.output<typeof trafficSchema>;

/**
 * Reads a profile.
 * @param name the name of the file, for messages
 * @throws {UsageError} that names each wrong field
 */
export function parseProfile(text: string, name: string): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`--profile ${name} is not JSON`);
  }
  const parsed = profileSchema.safeParse(value, { error: issueMessage });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the profile'} ${message}`);
  throw new UsageError(`--profile ${name}: ${faults.join('; ')}`);
}
