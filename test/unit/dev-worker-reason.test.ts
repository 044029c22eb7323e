/** The reason why the Worker of `npm run dev` does not start, as its answers and its log show it. */
import { expect, test } from 'vitest';
import { reasonOf } from '../../dev/worker/reason.ts';

test('an error that the Worker throws while it starts is the reason, with its frames', () => {
  const line = JSON.stringify({
    level: 'error',
    message:
      'service core:user:holdfast: Uncaught Error: The job "crm.notify" is not registered\n  at file:///bundle/a.js:1:2',
    context_depth: 0,
  });
  const cause = new Error(
    `The Workers runtime failed to start. There was likely a problem with workerd.\nRuntime stderr:\n${line}`,
  );
  const reason = 'Error: The job "crm.notify" is not registered\n  at file:///bundle/a.js:1:2';
  expect(reasonOf(cause)).toBe(reason);
  expect(reasonOf(new Error('Reload', { cause }))).toBe(`Reload: ${reason}`);
});

test('an error of esbuild is the reason, with its place; any other error is its message', () => {
  const location = { file: 'src/a.ts', line: 3, column: 4, lineText: 'const a = ;' };
  expect(reasonOf({ errors: [{ text: 'Unexpected ";"', location }] })).toBe(
    'src/a.ts:3:5: Unexpected ";"\n  const a = ;',
  );
  expect(reasonOf(new Error('No port is free'))).toBe('No port is free');
});
