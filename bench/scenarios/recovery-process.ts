/** The process that measures the recovery: it enqueues jobs, kills their process and waits. */
import { serveParent } from '../servers/child.ts';
import { type RecoveryOptions, recovery } from './recovery.ts';

await serveParent(async (options: RecoveryOptions) => ({ ready: await recovery(options), close: async () => {} }));
