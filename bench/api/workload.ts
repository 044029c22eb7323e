/**
 * A seeded script of user sessions: a few pages about one account, with occasional changes. Steps run one after
 * another, so the same seed gives the same hits and the same queries on any machine.
 */
import { type Random, seededRandom, weighted } from '../../dev/random/seeded.ts';
import type { AppInstance } from './instance.ts';
import type { Change, Page } from './pages.ts';
import { attention, type World } from './world.ts';

/** The settings of a workload. */
export interface Script {
  world: World;
  pages: readonly Page[];
  changes: readonly Change[];
  seed: number;
  /** The share of steps that are changes. */
  changing: number;
  /** The number of counted sessions. A third of this number runs first, to fill the cache. */
  sessions: number;
}

/** The result of a workload. */
export interface WorkloadResult {
  views: number;
  changes: number;
  /** The number of views answered from the cache, fresh or stale. */
  hits: number;
  /** The number of all database queries, including authentication and writes. */
  queries: number;
  viewQueries: number;
  /** The total time of all views, in ms. */
  viewMs: number;
}

type Step = { path: string; body?: Record<string, unknown> };

/** The share of steps before which a session moves to another contact, deal or project of the same account. */
const MOVES = 0.3;
const SHORTEST_SESSION = 3;
const LONGEST_SESSION = 9;

/** Plays the script on one instance. */
export async function runWorkload(app: AppInstance, script: Script): Promise<WorkloadResult> {
  const [result] = await runWorkloads([app], script);
  return result ?? zero();
}

/**
 * Plays the script on several instances. Each session runs on all instances, one after another, so that load on the
 * machine affects all instances.
 */
export async function runWorkloads(apps: readonly AppInstance[], script: Script): Promise<WorkloadResult[]> {
  const warmUp = Math.ceil(script.sessions / 3);
  const sessions = writeScript(script, warmUp + script.sessions);
  let results = apps.map(zero);
  for (const [index, session] of sessions.entries()) {
    if (index === warmUp) results = apps.map(zero);
    for (const [which, app] of apps.entries()) {
      for (const step of session) await take(app, step, results[which] ?? zero());
    }
  }
  return results;
}

/** Returns the paths of the script's first views, without repetitions. */
export function firstViews(script: Script, count: number): string[] {
  const views = writeScript(script, script.sessions)
    .flat()
    .filter(({ body }) => !body);
  return [...new Set(views.map(({ path }) => path))].slice(0, count);
}

const zero = (): WorkloadResult => ({ views: 0, changes: 0, hits: 0, queries: 0, viewQueries: 0, viewMs: 0 });

async function take(app: AppInstance, { path, body }: Step, result: WorkloadResult): Promise<void> {
  const answer = body ? await app.patch(path, body) : await app.get(path);
  if (answer.status !== 200) throw new Error(`The workload got ${answer.status} for ${path}`);
  result.queries += answer.queries;
  if (body) {
    result.changes += 1;
    return;
  }
  result.views += 1;
  result.viewQueries += answer.queries;
  result.viewMs += answer.ms;
  if (answer.cache === 'HIT' || answer.cache === 'STALE') result.hits += 1;
}

/** Draws the steps of each session. */
function writeScript({ world, pages, changes, seed, changing }: Script, sessions: number): Step[][] {
  const random = seededRandom(seed);
  const mind = attention(world, random);
  return Array.from({ length: sessions }, () => {
    let focus = mind.begin();
    return Array.from({ length: lengthOfSession(random) }, () => {
      if (random() < MOVES) focus = mind.next(focus);
      if (changes.length > 0 && random() < changing) {
        const change = weighted(changes, random);
        return { path: change.path(focus), body: change.body(focus) };
      }
      return { path: weighted(pages, random).path(focus) };
    });
  });
}

function lengthOfSession(random: Random): number {
  return SHORTEST_SESSION + Math.floor(random() * (LONGEST_SESSION - SHORTEST_SESSION + 1));
}
