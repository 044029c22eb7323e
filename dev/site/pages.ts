/** The pages of the site: each Markdown file of `docs/`, and those that lie beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Markdown file that becomes a page. */
export interface Page {
  /** The path of the file in the repository, with `/`. */
  source: string;
  /** The path of the page in the site. */
  address: string;
  markdown: string;
}

/** Files outside of `docs/`, and the addresses of their pages. */
const BESIDE: Readonly<Record<string, string>> = {
  'README.md': 'index.html',
  'ARCHITECTURE.md': 'architecture.html',
  'CONTRIBUTING.md': 'contributing.html',
  'SECURITY.md': 'reporting.html',
  'CHANGELOG.md': 'changelog.html',
  'clients/typescript/README.md': 'client.html',
};

/** Returns all pages of a repository, sorted by their sources. */
export function readPages(root: string): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.replaceAll('\\', '/'));
  const addresses = {
    ...BESIDE,
    ...Object.fromEntries(docs.map((file) => [`docs/${file}`, file.replace(/\.md$/, '.html')])),
  };
  return Object.entries(addresses)
    .map(([source, address]) => ({ source, address, markdown: readFileSync(join(root, source), 'utf8') }))
    .sort((one, other) => (one.source < other.source ? -1 : 1));
}
