/** The process that measures misses, without the heap and compiled code of earlier measurements. */
import { serveParent } from '../servers/child.ts';
import { type MissesOptions, timeMisses } from './misses.ts';

await serveParent(async (options: MissesOptions) => ({ ready: await timeMisses(options), close: async () => {} }));
