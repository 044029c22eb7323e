/** The imports between the files of the project, for the tests of its architecture. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The path of a file, and the paths that it imports: files as paths from the root, packages as they are. */
export type House = Map<string, string[]>;

/**
 * The specifiers of static and dynamic imports and re-exports, types included: a type is a dependency too. Comments are
 * removed first, so that an example in a comment does not count as an import.
 */
export function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const statements =
    /(?:^|[;{}\n])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?(['"])([^'"]+)\1|\bimport\s*\(\s*(['"])([^'"]+)\3/g;
  return [...code.matchAll(statements)].map((match) => match[2] ?? match[4] ?? '');
}

/** Reads the imports of the TypeScript files in some folders. */
export function readHouse(folders: readonly string[]): House {
  const house: House = new Map();
  for (const part of folders) {
    for (const entry of readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })) {
      const path = posix.join(part, entry.replaceAll('\\', '/'));
      if (!/\.tsx?$/.test(path) || /^src\/generated\/|\/node_modules\//.test(path)) continue;
      const imports = importsOf(readFileSync(join(ROOT, path), 'utf8'));
      house.set(
        path,
        imports.map((each) => (each.startsWith('.') ? posix.join(posix.dirname(path), each) : each)),
      );
    }
  }
  return house;
}

/** The circles of a graph, each as the path that closes it. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: string[]): void => {
    if (path.includes(node)) circles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (done.has(node) || path.includes(node)) return;
    for (const next of graph.get(node) ?? []) if (graph.has(next)) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return circles;
}
