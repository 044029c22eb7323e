/** The error for a refused request; the error's message is the `{ error }` of the response. */
export class RequestError extends Error {
  readonly code = 'request_refused';
  readonly status: 400 | 404 | 412;

  constructor(status: 400 | 404 | 412, message: string) {
    super(message);
    this.status = status;
  }
}
