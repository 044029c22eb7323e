/** All parts, in the order in which they are recorded and read: those of jobs move the clock, so they are read last. */
import type { StoredPart } from '../part.ts';
import { cachePart } from './cache.ts';
import { coordinationPart } from './coordination.ts';
import { jobsPart } from './jobs.ts';
import { sessionsPart } from './sessions.ts';
import { writeBehindPart } from './write-behind.ts';

export const parts: readonly StoredPart[] = [sessionsPart, writeBehindPart, coordinationPart, cachePart, jobsPart];
