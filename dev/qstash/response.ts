/** The result of one attempt to deliver a message. */

/** The response of a destination; without one, status 0 and an error. */
export interface AttemptResponse {
  status: number;
  headers: Headers;
  body: Buffer;
  error?: string;
}
