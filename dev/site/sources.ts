/** Pages of files and folders of the repository that documents link to. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { codeBlock, escapeHtml } from './code.ts';

/** Returns the page of a file, with its code, or of a folder, with the names in it. */
export async function sourcePage(root: string, target: string): Promise<string> {
  const title = `<h1>${escapeHtml(target)}</h1>\n`;
  const path = join(root, target);
  if (statSync(path).isDirectory()) {
    const names = readdirSync(path, { withFileTypes: true }).map((each) => each.name + (each.isDirectory() ? '/' : ''));
    return `${title}<ul>${names
      .sort()
      .map((name) => `<li><code>${escapeHtml(name)}</code></li>`)
      .join('')}</ul>`;
  }
  return title + (await codeBlock(readFileSync(path, 'utf8').trimEnd(), extname(path).slice(1)));
}
