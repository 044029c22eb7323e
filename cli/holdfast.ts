/** `npm run holdfast -- <command>`: sets up and operates a deployment. docs/cli.md shows all commands. */
import { NO_PROGRESS, progressBar } from './progress.ts';
import { run } from './run.ts';

const progress = process.stderr.isTTY ? progressBar() : NO_PROGRESS;
const { exitCode, out, error } = await run(process.argv.slice(2), process.env, progress);
if (out !== '') console.log(out);
if (error !== '') console.error(error);
process.exitCode = exitCode;
