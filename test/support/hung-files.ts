/**
 * Ends a run in which a file hangs, and names the file and its running tests. Vitest's own limits do not end a thread
 * that runs a loop without a pause, and the default reporter says nothing of a file before its end.
 */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const MINUTE_MS = 60_000;
/** The time after which a running file is named, and the time after which it ends the run, in minutes. */
const MINUTES = { named: 5, most: 15 };

/** Creates the reporter. `exit` ends the process with status 1. */
export function hungFiles(
  { now, log, exit } = { now: Date.now, log: console.error, exit: () => process.exit(1) },
): Reporter & { look(): void } {
  const running = new Map<string, { began: number; tests: Set<string> }>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    for (const [file, { began, tests }] of running) {
      const minutes = Math.floor((now() - began) / MINUTE_MS);
      if (minutes < MINUTES.named) continue;
      log(`${file} has run for ${minutes} min. Running now: ${[...tests].join(', ') || 'no test'}`);
      if (minutes >= MINUTES.most) exit();
    }
  }

  return {
    look,
    onTestRunStart() {
      timer = setInterval(look, MINUTE_MS).unref();
    },
    onTestRunEnd: () => clearInterval(timer),
    onTestModuleQueued({ relativeModuleId }: TestModule) {
      running.set(relativeModuleId, { began: now(), tests: new Set() });
    },
    onTestModuleEnd({ relativeModuleId }: TestModule) {
      running.delete(relativeModuleId);
    },
    onTestCaseReady({ module, fullName }: TestCase) {
      running.get(module.relativeModuleId)?.tests.add(fullName);
    },
    onTestCaseResult({ module, fullName }: TestCase) {
      running.get(module.relativeModuleId)?.tests.delete(fullName);
    },
  };
}
