/**
 * The reader of `text/event-stream` (HTML standard, 9.2.6). Unlike `EventSource` it reports blocks without data too,
 * because their id moves the position.
 */

/** A block of the stream, which ends with an empty line. */
export interface Block {
  /** The last id of the stream so far. */
  id: string;
  /** The name of the event; empty without one. */
  event: string;
  /** The lines of data; undefined if the block has none. */
  data: string | undefined;
}

/**
 * Returns a function that reads the next piece of text. Pieces may end anywhere, also between CR and LF.
 * @param onRetry gets the delay before a reconnection in ms.
 */
export function readEventStream(
  onBlock: (block: Block) => void,
  onRetry: (ms: number) => void,
): (piece: string) => void {
  let rest = '';
  let endedWithCr = false;
  let id = '';
  let event = '';
  let data: string[] = [];

  function readLine(line: string): void {
    if (line === '') {
      onBlock({ id, event, data: data.length > 0 ? data.join('\n') : undefined });
      event = '';
      data = [];
      return;
    }
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
  }

  return (piece) => {
    const lines = (rest + (endedWithCr ? piece.replace(/^\n/, '') : piece)).split(/\r\n?|\n/);
    if (piece !== '') endedWithCr = piece.endsWith('\r');
    rest = lines.pop() ?? '';
    lines.forEach(readLine);
  };
}
