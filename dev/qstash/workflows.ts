/**
 * Upstash Workflow, which is not emulated. Its requests are refused with a clear error: if they were accepted as
 * messages, the workflow would start, and fail in the app at its first step with an error that does not name the
 * emulator.
 */
import { RequestError } from './request-error.ts';

const HEADERS = 'upstash-workflow-';
const PATHS = /^\/v2\/(?:workflows|notify|waiters)(?:[/?]|$)/;

/**
 * Refuses a message that belongs to a workflow.
 *
 * @param headers names lower-case
 * @throws RequestError
 */
export function refuseWorkflow(headers: Record<string, string>): void {
  if (Object.keys(headers).some((name) => name.startsWith(HEADERS))) throw refusal();
}

/**
 * Refuses a request to the API of workflows.
 *
 * @throws RequestError
 */
export function refuseWorkflowPath(target: string): void {
  if (PATHS.test(target)) throw refusal();
}

function refusal(): RequestError {
  return new RequestError(400, 'Workflows are not emulated: docs/qstash-emulator.md lists the omissions');
}
