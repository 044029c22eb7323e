/** The live updates: the feeds of all modules. */
import { createFeeds, type FeedRegistry } from '../platform/feeds/index.ts';
import { modules } from './modules.ts';

/** Every feed. */
export const feeds: FeedRegistry = createFeeds(modules.flatMap((module) => module.feeds));
