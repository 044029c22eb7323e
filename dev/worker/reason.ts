/** The reason why the Worker of `npm run dev` cannot be built or started. */

/** An error of esbuild, with its message and its position. */
interface BuildMessage {
  text: string;
  location: { file: string; line: number; column: number; lineText: string } | null;
}

/**
 * Returns the message of an error. If a build failed, returns the messages of esbuild, with file, line and column. If the
 * Worker throws while it starts, returns its error, because wrangler calls this a problem of workerd.
 */
export function reasonOf(cause: unknown): string {
  const { errors, message, cause: inner } = Object(cause) as { errors?: unknown; message?: unknown; cause?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return (errors as BuildMessage[]).map(described).join('\n\n');
  if (inner !== undefined) return `${String(message)}: ${reasonOf(inner)}`;
  return thrownIn(String(message)) ?? String(message ?? cause);
}

/** Returns the error that a Worker threw while it started, from the lines of workerd's log in a message. */
function thrownIn(message: string): string | undefined {
  const [, text] = /"message":("(?:[^"\\]|\\.)*?Uncaught (?:[^"\\]|\\.)*")/.exec(message) ?? [];
  if (text === undefined) return undefined;
  const thrown = String(JSON.parse(text));
  return thrown.slice(thrown.indexOf('Uncaught ') + 'Uncaught '.length);
}

function described({ text, location }: BuildMessage): string {
  if (location === null) return text;
  const { file, line, column, lineText } = location;
  return `${file}:${line}:${column + 1}: ${text}\n  ${lineText}`;
}
