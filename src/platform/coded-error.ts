/** The base of a room's errors: a stable code for programs, beside the message for people. */

/** An error with a code. A class that extends it has a `name`, and describes each of its codes. */
export class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
