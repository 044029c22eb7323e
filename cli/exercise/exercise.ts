/**
 * `doctor --exercise`: uses the configured Redis as a cache, under a prefix of its own, and deletes its keys at the end,
 * also after a failure. It reads no key of the deployment.
 */
import { RedisError } from '../../src/platform/redis/index.ts';
import type { Report } from '../command.ts';
import type { Progress } from '../progress.ts';
import { ExerciseError, STEPS } from './steps.ts';
import { type ExerciseWorld, openExercise, type RedisAddress } from './world.ts';

/** The result of a step. `skipped`: Redis does not answer. */
interface Result {
  step: string;
  outcome: 'ok' | 'failed' | 'skipped';
  text: string;
}

/** Runs all steps, and reports the result of each. */
export async function exercise(address: RedisAddress, progress: Progress): Promise<Report> {
  const world = openExercise(address);
  const results: Result[] = [];
  let removed = 0;
  try {
    for (const [at, { name, run }] of STEPS.entries()) {
      progress.show(at, STEPS.length, name);
      const isDown = results[0]?.outcome === 'failed';
      results.push(
        isDown ? { step: name, outcome: 'skipped', text: 'no connection' } : await resultOf(name, run, world),
      );
    }
  } finally {
    progress.end();
    removed = await world.cleanUp().catch(() => 0);
  }
  const failed = results.filter(({ outcome }) => outcome !== 'ok').length;
  return {
    lines: [
      ...results.map(({ step, outcome, text }) => `${outcome.padEnd(7)}  ${step.padEnd(16)}  ${text}`),
      `${results.length} steps, ${failed} not passed; ${removed} keys removed`,
    ],
    json: { ok: failed === 0, prefix: world.prefix, removed, results },
    exitCode: failed === 0 ? 0 : 1,
  };
}

async function resultOf(
  step: string,
  run: (world: ExerciseWorld) => Promise<string>,
  world: ExerciseWorld,
): Promise<Result> {
  try {
    return { step, outcome: 'ok', text: await run(world) };
  } catch (error) {
    if (error instanceof ExerciseError) return { step, outcome: 'failed', text: error.message };
    if (error instanceof RedisError) return { step, outcome: 'failed', text: `${error.message} (${error.code})` };
    throw error;
  }
}
