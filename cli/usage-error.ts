/** Thrown for a wrong call of the command line. The process then exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'CLI_USAGE';
}
