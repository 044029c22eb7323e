/** All parts in the order of recording and reading: the parts of jobs move the clock, so they come last. */
import type { StoredPart } from '../part.ts';
import { cachePart } from './cache.ts';
import { coordinationPart } from './coordination.ts';
import { documentsPart } from './documents.ts';
import { jobsPart } from './jobs.ts';
import { readLogPart } from './read-log.ts';
import { sessionsPart } from './sessions.ts';
import { writeBehindPart } from './write-behind.ts';

export const parts: readonly StoredPart[] = [
  ...[sessionsPart, writeBehindPart, coordinationPart, documentsPart, readLogPart, cachePart, jobsPart],
];
