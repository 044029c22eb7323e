/** The console in Chromium, served by one Worker: with scripts and without, light and dark. */
import { afterAll, beforeAll } from 'vitest';
import { actionTests } from './console/actions.ts';
import { auditTests } from './console/audit.ts';
import { chartTests } from './console/charts.ts';
import { factorTests } from './console/factor.ts';
import { liveTests } from './console/live.ts';
import { safetyTests } from './console/safety.ts';
import { screenTests } from './console/screens.ts';
import { type ConsoleDesk, startConsole } from './console-desk.ts';

let desk: ConsoleDesk;
let dead: string;
beforeAll(async () => {
  desk = await startConsole('worker');
  dead = await desk.deadJob();
  await desk.count(50);
});
afterAll(() => desk.close());

screenTests(
  () => desk,
  () => dead,
);
actionTests(() => desk);
auditTests(() => desk);
factorTests(() => desk);
liveTests(() => desk);
chartTests(() => desk);
safetyTests(() => desk);
