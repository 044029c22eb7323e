/**
 * Refuses requests of Upstash Workflow, which is not emulated, with a clear error. If the emulator accepted such a
 * request as a message, the workflow would start, and its first step would fail in the app with an error that does
 * not name the emulator.
 */
import { RequestError } from './request-error.ts';

const HEADERS = 'upstash-workflow-';
const PATHS = /^\/v2\/(?:workflows|notify|waiters)(?:[/?]|$)/;

/**
 * Refuses a message that belongs to a workflow.
 *
 * @param headers the headers, with lower-case names
 * @throws RequestError for a message of a workflow
 */
export function refuseWorkflow(headers: Record<string, string>): void {
  if (Object.keys(headers).some((name) => name.startsWith(HEADERS))) throw refusal();
}

/**
 * Refuses a request to the API of workflows.
 *
 * @throws RequestError for a request to such a path
 */
export function refuseWorkflowPath(target: string): void {
  if (PATHS.test(target)) throw refusal();
}

function refusal(): RequestError {
  return new RequestError(400, 'Workflows are not emulated: docs/qstash-emulator.md lists the omissions');
}
