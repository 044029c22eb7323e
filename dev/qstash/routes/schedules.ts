/** Schedules. The SDK sends PATCH to pause and resume a schedule, and the OpenAPI file names POST. Both work. */
import type { Emulator } from '../emulator.ts';
import { describeSchedule, type Schedule } from '../schedules.ts';
import { putSchedule } from '../ticks.ts';
import { publishRequest } from './publish.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, route } from './router.ts';

const pausing = ['PATCH', 'POST'].flatMap((method) => [
  route(method, '/v2/schedules/:id/pause', (emulator, _request, id) => setPaused(emulator, id, true)),
  route(method, '/v2/schedules/:id/resume', (emulator, _request, id) => setPaused(emulator, id, false)),
]);

export const scheduleRoutes = [
  ...pausing,
  route('POST', '/v2/schedules/*', createSchedule),
  route('GET', '/v2/schedules', ({ state }) => ok([...state.schedules.values()].map(describeSchedule))),
  route('GET', '/v2/schedules/:id', (emulator, _request, id) => ok(describeSchedule(existing(emulator, id)))),
  route('DELETE', '/v2/schedules/:id', deleteSchedule),
];

function existing({ state }: Emulator, scheduleId: string): Schedule {
  return state.schedules.get(scheduleId) ?? notFound(`schedule ${scheduleId}`);
}

function createSchedule(emulator: Emulator, request: ApiRequest, tail: string): ApiAnswer {
  const { scheduleId } = putSchedule(emulator, publishRequest(request, tail));
  return ok({ scheduleId });
}

function setPaused(emulator: Emulator, scheduleId: string, isPaused: boolean): ApiAnswer {
  existing(emulator, scheduleId).isPaused = isPaused;
  return ok();
}

/** Deletes a schedule. A missing schedule is not an error. */
function deleteSchedule(emulator: Emulator, _request: ApiRequest, scheduleId: string): ApiAnswer {
  emulator.state.schedules.delete(scheduleId);
  return ok();
}
