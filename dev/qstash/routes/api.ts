/** The routes of the HTTP API: QStash's routes under `/v2`, and the emulator's own routes under `/_emulator`. */
import type { Emulator } from '../emulator.ts';
import { RequestError } from '../request-error.ts';
import { refuseWorkflowPath } from '../workflows.ts';
import { controlRoutes } from './control.ts';
import { dlqRoutes } from './dlq.ts';
import { eventRoutes } from './events.ts';
import { flowControlRoutes } from './flow-control.ts';
import { keyRoutes } from './keys.ts';
import { messageRoutes } from './messages.ts';
import { publishRoutes } from './publish.ts';
import { queueRoutes } from './queues.ts';
import { type ApiAnswer, type ApiRequest, answer } from './router.ts';
import { scheduleRoutes } from './schedules.ts';
import { topicRoutes } from './topics.ts';

const ROUTES = [
  ...publishRoutes,
  ...messageRoutes,
  ...queueRoutes,
  ...scheduleRoutes,
  ...topicRoutes,
  ...dlqRoutes,
  ...eventRoutes,
  ...flowControlRoutes,
  ...keyRoutes,
  ...controlRoutes,
];

/** Answers one request of the API. */
export async function handleRequest(emulator: Emulator, request: ApiRequest): Promise<ApiAnswer> {
  try {
    refuseWorkflowPath(request.target);
    const answered = await answer(ROUTES, emulator, request);
    if (answered !== undefined) return answered;
    const path = request.target.split('?', 1)[0] ?? '';
    return { status: 404, body: { error: `not found, or not emulated: ${request.method} ${path}` } };
  } catch (error) {
    if (error instanceof RequestError) return { status: error.status, body: { error: error.message } };
    throw error;
  }
}
