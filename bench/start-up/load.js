/**
 * Loads a bundle once in a new process, like a new isolate, and prints the CPU time of the load in ms. Node's own
 * modules are loaded before the measurement, because they belong to the runtime, not to the bundle. This file is
 * JavaScript, because Node's compiler of TypeScript would still be busy during the measurement.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';

const bundle = process.argv[2] ?? '';
for (const [, name] of readFileSync(bundle, 'utf8').matchAll(/\b(?:import|from)\s*"([^"]+)"/g)) {
  if (isBuiltin(name)) await import(name);
}
const before = process.cpuUsage();
await import(pathToFileURL(bundle).href);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1_000);
