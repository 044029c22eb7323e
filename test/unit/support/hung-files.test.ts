import { expect, test } from 'vitest';
import type { TestCase, TestModule } from 'vitest/node';
import { hungFiles } from '../../support/hung-files.ts';

test('a file is named with its running tests after 5 minutes, and ends the run after 15', () => {
  const file = { relativeModuleId: 'slow.test.ts' } as TestModule;
  const first = { module: file, fullName: 'the first' } as TestCase;
  const second = { module: file, fullName: 'the second' } as TestCase;
  const lines: string[] = [];
  let minutes = 0;
  let exits = 0;
  const { onTestModuleQueued, onTestCaseReady, onTestCaseResult, onTestModuleEnd, look } = hungFiles({
    now: () => minutes * 60_000,
    log: (line) => lines.push(line),
    exit: () => {
      exits += 1;
      return undefined as never;
    },
  });
  onTestModuleQueued?.(file);
  onTestCaseReady?.(first);
  minutes = 4;
  look();
  expect(lines).toEqual([]);
  onTestCaseResult?.(first);
  onTestCaseReady?.(second);
  minutes = 5;
  look();
  expect(lines).toEqual(['slow.test.ts has run for 5 min. Running now: the second']);
  minutes = 14;
  look();
  expect(exits).toBe(0);
  minutes = 15;
  look();
  expect(exits).toBe(1);
  onTestModuleEnd?.(file);
  look();
  expect(exits).toBe(1);
});
