/** All contestants, in the order of the table's columns. */
import type { Contestant } from './contestant.ts';
import { bentocache, bentocacheMemory } from './peers/bentocache.ts';
import { cacheManager } from './peers/cache-manager.ts';
import { cacheable, cacheableMemory } from './peers/cacheable.ts';
import { cachifiedPeer } from './peers/cachified.ts';
import { holdfast, holdfastMemory } from './peers/holdfast.ts';
import { noCache } from './peers/no-cache.ts';
import { ocache } from './peers/ocache.ts';
import { raw } from './peers/raw.ts';
import { unstorage } from './peers/unstorage.ts';

/** The contestants. `noCache` caches nothing, and `raw` is the baseline of the ratios. */
export const contestants: readonly Contestant[] = [
  noCache,
  raw,
  bentocache,
  bentocacheMemory,
  cachifiedPeer,
  ocache,
  cacheable,
  cacheableMemory,
  cacheManager,
  unstorage,
  holdfast,
  holdfastMemory,
];
