/** The user of routes under `/me`. */
import { type Caller, notFound } from '../platform/http/index.ts';

/**
 * Returns the id of the caller's user.
 * @param what names the resource in the 404.
 * @throws {ProblemError} 404 for an API key, which belongs to a machine and has nothing under `/me`.
 */
export function ownUser({ userId }: Caller, what: string): string {
  if (userId === null) throw notFound(what);
  return userId;
}
