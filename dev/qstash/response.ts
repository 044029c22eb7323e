/** The result of one attempt to deliver a message. */
import type { AnswerHeaders } from '../../src/platform/keep-alive-fetch.ts';

/** The response of a destination. Without a response, the status is 0 and `error` is set. */
export interface AttemptResponse {
  status: number;
  headers: AnswerHeaders;
  body: Buffer;
  error?: string;
}
