/** The Worker's output under `wrangler dev` in readable form: the lines of its log, with frames of the source. */
import { parseLogLine, readableLine } from './line.ts';
import { createFrameMapper } from './source-frames.ts';

/** Forwards lines to `log`: those of the app's log in readable form, others unchanged. */
export function readableLog(log: (text: string) => void): (text: string) => void {
  const mapFrame = createFrameMapper();
  return (text) => {
    const line = parseLogLine(text);
    log(line ? readableLine(line, mapFrame) : text);
  };
}
