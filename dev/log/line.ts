/**
 * Formats lines of the app's log (`src/platform/log.ts`) for people: one line, then each error with its frames.
 */

/** An error in a log line. */
export interface LoggedError {
  name: string;
  code?: string;
  message?: string;
  stack?: readonly string[];
  cause?: LoggedError;
}

/** A line of the log. */
export interface LogLine {
  time: string;
  level: string;
  event: string;
  [field: string]: unknown;
}

/** Parses a line of output; `undefined` if the line is not a line of the log. */
export function parseLogLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const line = JSON.parse(text) as Partial<LogLine>;
    const { time, level, event } = line;
    return [time, level, event].every((each) => typeof each === 'string') ? (line as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

/** Checks whether the value of a field is an error. */
export function isLoggedError(value: unknown): value is LoggedError {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'stack' in value && Array.isArray(value.stack)
  );
}

/**
 * Formats a log line for people.
 * @param frame formats one stack frame
 */
export function readableLine({ time, level, event, ...fields }: LogLine, frame: (text: string) => string): string {
  const words: string[] = [];
  const errors: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (isLoggedError(value)) errors.push(...errorLines(value, frame, name === 'error' ? '' : `${name}: `));
    else words.push(`${name}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`);
  }
  return [[time.slice(11, 23), level.padEnd(5), event, ...words].join(' '), ...errors].join('\n');
}

/** Returns the lines of an error, its frames, and its causes. */
export function errorLines(error: LoggedError, frame: (text: string) => string, before = ''): string[] {
  const { name, code, message, stack = [], cause } = error;
  const said =
    [name, ...(code === undefined ? [] : [`[${code}]`])].join(' ') + (message === undefined ? '' : `: ${message}`);
  return [
    ...`${before}${said}`
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `  ${line}`),
    ...stack.map((each) => `    ${frame(each)}`),
    ...(cause ? errorLines(cause, frame, 'caused by ') : []),
  ];
}
