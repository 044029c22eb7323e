/** The process of an app whose deals are written. A question is the length of a turn in ms. */
import { serveParent } from '../servers/child.ts';
import { type DealWritesOptions, openDealWriter } from './deal-writes.ts';

const CALLERS = 16;

await serveParent(async (options: DealWritesOptions) => {
  const writer = await openDealWriter(options);
  return { ready: {}, answer: (ms) => writer.write(CALLERS, Number(ms)), close: () => writer.close() };
});
