/**
 * `npm run trace`: reads log lines of a deployment from a file or the standard input, and prints their errors with
 * positions in the source. The command needs the source maps that `npm run build` made from the deployed code, and no
 * network.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { BUILD_ID_FORM } from '../build/build-id.ts';
import { isLoggedError, type LogLine, parseLogLine, readableLine } from '../log/line.ts';
import { type BundleMap, parseFrame, readBundleMap } from '../log/source-frames.ts';

/** An error for which the command prints one sentence and exits with 1. */
class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly code = 'TRACE_IMPOSSIBLE';
}

const USAGE = 'npm run -s trace -- [file] [--dist <folder>]   (without a file: the standard input)';

/** The folder of a build: its path, the build id in its bundles, and the file names of its bundles. */
interface BuildFolder {
  path: string;
  id: string | undefined;
  bundles: Set<string>;
}

function readBuildFolder(path: string): BuildFolder {
  let names: string[] = [];
  try {
    names = readdirSync(path).filter((name) => /\.m?js$/.test(name));
  } catch {
    // The folder does not exist: nothing has been built.
  }
  const ids = names.map((name) => BUILD_ID_FORM.exec(readFileSync(join(path, name), 'utf8'))?.[0]);
  return { path, id: ids.find((id) => id !== undefined), bundles: new Set(names) };
}

/**
 * Returns a function that formats a log line. The function maps frames with the source maps of the bundles in `dist`.
 */
function createTracer(dist: string): (line: LogLine) => string {
  const folders = ['worker', 'lambda'].map((name) => readBuildFolder(join(dist, name)));
  const maps = new Map<string, BundleMap>();

  function mapOf(folder: BuildFolder, bundle: string): BundleMap {
    const path = join(folder.path, `${bundle}.map`);
    const known = maps.get(path);
    if (known) return known;
    try {
      const map = readBundleMap(path);
      maps.set(path, map);
      return map;
    } catch {
      throw new TraceError(`There is no source map ${path}. Make it with the code that was deployed: npm run build`);
    }
  }

  function traced(frame: string, build: unknown): string {
    const parsed = parseFrame(frame);
    // The frames of a Lambda already name the source, because Node has mapped them.
    if (!parsed || !/\.m?js$/.test(parsed.file) || parsed.file.includes('node_modules')) return frame;
    const bundle = basename(parsed.file);
    const folder = folders.find(({ bundles }) => bundles.has(bundle));
    if (!folder) {
      throw new TraceError(`${dist} has no bundle ${bundle}. Make it with the code that was deployed: npm run build`);
    }
    if (build !== folder.id) {
      const [of, has] = [build ?? 'a build without an id', folder.id ?? 'a build without an id'].map(String);
      throw new TraceError(
        `The line is of ${of}, and ${folder.path} has ${has}. Check out what was deployed and run npm run build`,
      );
    }
    const place = mapOf(folder, bundle).placeOf(parsed);
    if (!place) return frame;
    const source = `${parsed.before}${place.file}:${place.line}:${place.column}${parsed.after}`;
    return place.text === undefined ? source : `${source}    ${place.text.trim().slice(0, 100)}`;
  }

  return (line) => readableLine(line, (frame) => traced(frame, line['build']));
}

/**
 * Returns the log lines in a value. The value is a text, or any JSON that contains texts, such as the output of
 * `wrangler tail --format json`.
 */
function logLinesIn(value: unknown): LogLine[] {
  if (typeof value === 'string') {
    const line = parseLogLine(value);
    if (line) return [line];
    return /^\s*[{[]/.test(value) ? logLinesIn(parsed(value)) : [];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(logLinesIn) : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dist: { type: 'string', default: 'dist' } },
  });
  const [file, ...others] = positionals;
  if (others.length > 0) throw new TraceError(USAGE);
  const input = file === undefined ? await text(process.stdin) : readFileSync(file, 'utf8');
  const whole = logLinesIn(input);
  // Some platforms write a time or an id before each line.
  const lines =
    whole.length > 0
      ? whole
      : input.split('\n').flatMap((line) => logLinesIn(line.slice(Math.max(0, line.indexOf('{')))));
  const failed = lines.filter((line) => Object.values(line).some(isLoggedError));
  if (failed.length === 0) throw new TraceError(`The input has no line of the log with an error. ${USAGE}`);
  const trace = createTracer(values.dist);
  for (const line of failed) console.log(trace(line));
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
