/** The process of the faults: what peers leave running there, such as retries, disturbs nobody. */
import { serveParent } from '../servers/child.ts';
import { faults } from './faults.ts';

await serveParent(async () => ({ ready: await faults(), close: async () => {} }));
