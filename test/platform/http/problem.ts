/** The form of every refusal: problem+json (RFC 9457) with a fitting status, and without internals. */
import { expect } from 'vitest';

/** The members of a problem. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  instance: string;
  requestId: string;
  errors?: { field: string; message: string }[];
}

/** Words of schema libraries, and a pattern that its author has not explained. */
const JARGON = /\bexpected\b|received|invalid|NaN|undefined|too (?:big|small)|unrecogni|must match|zod/i;

/** The problem in an answer. Fails unless the answer is a well-formed refusal of a caller's mistake. */
export async function problemOf(response: Response, what: string): Promise<Problem> {
  const text = await response.text();
  const about = `${what} → ${response.status} ${text.slice(0, 300)}`;
  expect(response.status, about).toBeGreaterThanOrEqual(400);
  expect(response.status, about).toBeLessThan(500);
  expect(response.headers.get('content-type'), about).toBe('application/problem+json');
  const problem = JSON.parse(text) as Problem;
  expect(problem, about).toMatchObject({
    type: expect.any(String),
    title: expect.stringMatching(/./),
    status: response.status,
    code: expect.stringMatching(/^[A-Z_]+$/),
    detail: expect.stringMatching(/./),
    instance: expect.stringMatching(/^\//),
    requestId: response.headers.get('x-request-id'),
  });
  for (const { field, message } of problem.errors ?? []) {
    expect(typeof field, about).toBe('string');
    // The rest of a sentence about the field, in words of the API and not of the library that checks it.
    expect(message, about).toMatch(/^(?:must|may|is|has|needs|does|was) /);
    expect(message, about).not.toMatch(JARGON);
  }
  expect(text, about).not.toMatch(/prisma|postgres|SQLSTATE|\bat \/|node_modules/i);
  return problem;
}
