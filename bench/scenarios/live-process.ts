/** The process that measures live updates: the apps, the readers and the changes. */
import { serveParent } from '../servers/child.ts';
import { type LiveOptions, live } from './live.ts';

await serveParent(async (options: LiveOptions) => ({ ready: await live(options), close: async () => {} }));
