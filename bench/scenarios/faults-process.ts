/** The process that measures the faults, so that peers' remaining retries do not disturb other measurements. */
import { serveParent } from '../servers/child.ts';
import { faults } from './faults.ts';

await serveParent(async () => ({ ready: await faults(), close: async () => {} }));
