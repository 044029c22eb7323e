/**
 * A process that runs test files of one copy of the project, one at a time, on the orders of its parent. Vitest and the
 * local cloud stay alive between runs, so that a run costs little more than its tests.
 */
import { join } from 'node:path';
import { createVitest } from 'vitest/node';
import { WARM_UPS } from './tree.ts';

/** The orders of the parent. */
export type Order =
  /** A file of the tree was written. */
  | { changed: string }
  /** Run a test file. */
  | { run: string };

/** How a run ended. */
export interface RunReport {
  passed: boolean;
  /** The title of the first test that failed, or what else went wrong. */
  failure: string;
  ms: number;
}

const tree = process.cwd();
const quiet = { root: tree, watch: false, silent: true, reporters: [{}] };
const vitest = await createVitest('test', quiet, { server: { watch: null } });
await vitest.globTestSpecifications();

process.on('message', async (order: Order) => {
  if ('changed' in order) {
    vitest.invalidateFile(join(tree, order.changed));
    process.send?.('seen');
  } else {
    process.send?.(await run(join(tree, order.run)));
  }
});
process.on('disconnect', () => process.exit());
for (const file of WARM_UPS) await run(join(tree, file));
process.send?.('ready');

async function run(file: string): Promise<RunReport> {
  const started = Date.now();
  const report = (passed: boolean, failure: string) => ({ passed, failure, ms: Date.now() - started });
  try {
    vitest.state.filesMap.clear();
    const specifications = vitest.getModuleSpecifications(file);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    if (testModules.length === 0) return report(false, 'no such test file');
    for (const module of testModules) {
      for (const test of module.children.allTests('failed')) return report(false, test.fullName);
      for (const suite of module.children.allSuites()) {
        const [error] = suite.errors();
        if (error) return report(false, `${suite.fullName}: ${error.message}`);
      }
      const [error] = module.errors();
      if (error) return report(false, `while loading: ${error.message}`);
      if (!module.ok()) return report(false, 'the file failed');
    }
    const [unhandled] = unhandledErrors;
    return report(unhandled === undefined, unhandled === undefined ? '' : `unhandled: ${String(unhandled)}`);
  } catch (error) {
    return report(false, `the run failed: ${String(error)}`);
  }
}
