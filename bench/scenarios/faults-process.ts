/** The process of the faults: peers' leftover work, such as retries, does not disturb other measurements there. */
import { serveParent } from '../servers/child.ts';
import { faults } from './faults.ts';

await serveParent(async () => ({ ready: await faults(), close: async () => {} }));
