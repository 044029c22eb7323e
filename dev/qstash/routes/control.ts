/** The emulator's own routes, not QStash's: its page, clock and faults, under `/_emulator`. */
import type { Emulator } from '../emulator.ts';
import { faultPlan } from '../faults.ts';
import { overviewPage } from '../page.ts';
import { RequestError } from '../request-error.ts';
import { describeState } from '../snapshot.ts';
import { type ApiAnswer, type ApiRequest, ok, readJson, route } from './router.ts';

export const controlRoutes = [
  route('GET', '/_emulator', (emulator) => ({ status: 200, html: overviewPage(describeState(emulator)) })),
  route('GET', '/_emulator/state', (emulator) => ok(describeState(emulator))),
  route('GET', '/_emulator/clock', (emulator) => ok(describeState(emulator).clock)),
  route('POST', '/_emulator/clock/advance', advance),
  route('GET', '/_emulator/faults', ({ faults }) => ok(faults.plan())),
  route('PUT', '/_emulator/faults', setFaults),
  route('DELETE', '/_emulator/faults', ({ faults }) => {
    faults.clear();
    return ok({});
  }),
];

/** Moves the clock, and answers when all due tasks have finished. */
async function advance({ clock }: Emulator, request: ApiRequest): Promise<ApiAnswer> {
  const { ms } = Object(readJson(request)) as { ms?: unknown };
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) {
    throw new RequestError(400, 'expected { ms: milliseconds }');
  }
  await clock.advance(ms);
  return ok({ now: clock.now() });
}

/** Replaces the switched-on faults; `seed` restarts the random sequence. */
function setFaults({ faults }: Emulator, request: ApiRequest): ApiAnswer {
  const { seed, ...plan } = Object(readJson(request)) as Record<string, unknown>;
  const parsed = faultPlan.safeParse(plan);
  if (!parsed.success) throw new RequestError(400, parsed.error.issues.map(({ message }) => message).join('; '));
  if (seed !== undefined && typeof seed !== 'number') throw new RequestError(400, 'seed must be a number');
  faults.set(parsed.data, seed);
  return ok(faults.plan());
}
