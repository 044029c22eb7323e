/**
 * List prices in US dollars, each with its source and the day of which the price is known. A profile may replace each.
 * They are the prices of Upstash without a plan, of Workers Paid, and of AWS in the US without its free allowances.
 */

/** A price, and its origin. */
export interface Price {
  /** The price of `unit` things. */
  usd: number;
  unit: number;
  /** How many things a month are not billed. */
  free: number;
  /** The things: `Redis commands`. */
  of: string;
  source: string;
  /** The day of the price, `2026-09-20`; `null` for an assumption that no dated copy of the source confirms. */
  read: string | null;
}

const UPSTASH = 'https://upstash.com/pricing/redis';
const QSTASH = 'https://upstash.com/pricing/qstash';
const WORKERS = 'https://developers.cloudflare.com/workers/platform/pricing/';
const GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const [HUNDRED_THOUSAND, MILLION] = [100_000, 1_000_000];

export const PRICES = {
  'upstash.commands': price(0.2, HUNDRED_THOUSAND, 'Redis commands', UPSTASH, '2026-11-09'),
  'upstash.storage': price(0.25, 1, 'GB stored in Redis', UPSTASH, '2026-09-20', 1),
  'upstash.bandwidth': price(0.03, 1, 'GB from and to Redis', UPSTASH, '2026-09-20', 200),
  'qstash.messages': price(1, HUNDRED_THOUSAND, 'QStash messages', QSTASH, null),
  'cloudflare.plan': price(5, 1, 'month of Workers Paid', WORKERS, null),
  'cloudflare.requests': price(0.3, MILLION, 'requests of the Worker', WORKERS, null, 10 * MILLION),
  'cloudflare.cpu': price(0.02, MILLION, 'ms of CPU time', WORKERS, null, 30 * MILLION),
  'aws.gateway': price(1, MILLION, 'requests of the HTTP API', GATEWAY, '2026-09-20'),
  'aws.invocations': price(0.2, MILLION, 'invocations of the Lambdas', LAMBDA, null),
  'aws.compute': price(0.0000133334, 1, 'GB-seconds of the Lambdas', LAMBDA, null),
};

export type PriceName = keyof typeof PRICES;

function price(usd: number, unit: number, of: string, source: string, read: string | null, free = 0): Price {
  return { usd, unit, free, of, source, read };
}
