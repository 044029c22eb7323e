/** Builds the site: pages, pictures, pages of sources, styles, scripts and the index of the search. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { addressOf, isPicture } from './addresses.ts';
import { deadLinks } from './dead-links.ts';
import { type Document, readDocument } from './document.ts';
import { layout } from './layout.ts';
import { groupsOf } from './order.ts';
import { type Page, readPages } from './pages.ts';
import { render } from './render.ts';
import { searchScript } from './search-index.ts';
import { sourcePage } from './sources.ts';

export interface SiteOptions {
  /** The repository. */
  root: string;
  /** The folder of the site. It is emptied first. */
  out: string;
  /** Pages that are not files of the repository: the reference of the package. */
  further?: readonly Page[];
}

/** Thrown if links of the documents lead nowhere. */
export class DeadLinksError extends Error {
  override readonly name = 'DeadLinksError';
  readonly code = 'DEAD_LINKS';
}

/**
 * Builds the site, and returns the number of its pages.
 *
 * @throws DeadLinksError with a line for each dead link
 */
export async function buildSite({ root, out, further = [] }: SiteOptions): Promise<number> {
  const documents = [...readPages(root), ...further].map(readDocument);
  const dead = deadLinks(documents, root);
  if (dead.length > 0) throw new DeadLinksError(dead.join('\n'));

  const pages = new Map(documents.map(({ page }) => [page.source, page]));
  const groups = groupsOf(documents.map(({ page, title }) => ({ source: page.source, address: page.address, title })));
  await rm(out, { recursive: true, force: true });
  const write = async (address: string, contents: string): Promise<void> => {
    await mkdir(dirname(join(out, address)), { recursive: true });
    await writeFile(join(out, address), contents);
  };

  const sections: { id: number; title: string; heading: string; address: string; text: string }[] = [];
  for (const document of documents) {
    const { page, title, headings } = document;
    const rendered = await render(document, pages);
    for (const section of rendered.sections) sections.push({ id: sections.length, title, ...section });
    const frame = { address: page.address, title, content: rendered.html, headings: headings.values(), groups };
    await write(page.address, await layout(frame));
  }
  for (const target of targetsOf(documents, pages)) {
    const address = addressOf(target, pages);
    if (isPicture(target)) {
      await mkdir(dirname(join(out, address)), { recursive: true });
      await copyFile(join(root, target), join(out, address));
    } else {
      const content = await sourcePage(root, target);
      await write(address, await layout({ address, title: target, content, headings: [], groups }));
    }
  }
  await bundleAssets(root, join(out, 'assets'));
  await write('assets/search-index.js', searchScript(sections));
  return documents.length;
}

/** The files and folders that documents link to and that are no pages. */
function targetsOf(documents: readonly Document[], pages: ReadonlyMap<string, Page>): Set<string> {
  const targets = documents.flatMap(({ links }) => links.flatMap(({ target }) => target ?? []));
  return new Set(targets.filter((target) => !pages.has(target)));
}

/** The scripts are no modules: browsers do not load modules from files. */
async function bundleAssets(root: string, outdir: string): Promise<void> {
  await build({
    absWorkingDir: join(root, 'dev/site/browser'),
    entryPoints: ['site.ts', 'theme.ts', 'site.css'],
    outdir,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  await copyFile(join(root, 'src/console/browser/icon.svg'), join(outdir, 'icon.svg'));
}
