/** The Worker's output under `wrangler dev`, for people: its log's lines with the frames of the source. */
import { parseLogLine, readableLine } from './log-line.ts';
import { createFrameMapper } from './source-frames.ts';

/** Hands lines on to `log`: those of the app's log made readable, others as they are. */
export function readableLog(log: (text: string) => void): (text: string) => void {
  const mapFrame = createFrameMapper();
  return (text) => {
    const line = parseLogLine(text);
    log(line ? readableLine(line, mapFrame) : text);
  };
}
