/** No cache: every read loads from the source. The column shows the benefit of caching. */
import { type Contestant, sharedBy } from '../contestant.ts';

export const noCache: Contestant = {
  id: 'none',
  label: 'no cache',
  version: '',
  open: async () =>
    sharedBy({
      read: (_key, load) => load(),
      readTagged: (_key, _tags, load) => load(),
      readMany: (keys, load) => Promise.all(keys.map(load)),
    }),
};
