/** The result of one attempt to deliver a message. */

/** The response of a destination. Without a response, the status is 0 and `error` is set. */
export interface AttemptResponse {
  status: number;
  headers: Headers;
  body: Buffer;
  error?: string;
}
