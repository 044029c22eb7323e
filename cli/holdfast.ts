/** `npm run holdfast -- <command>`: creates tenants and API keys, including the first key of a new database. */
import { run } from './run.ts';

const { exitCode, out, error } = await run(process.argv.slice(2), process.env);
if (out !== '') console.log(out);
if (error !== '') console.error(error);
process.exitCode = exitCode;
