/** Dead links: links to files that do not exist, and to anchors that a page does not have. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Document, Link } from './document.ts';

/** Returns a sentence for each link of the pages that leads nowhere inside of the repository at `root`. */
export function deadLinks(documents: readonly Document[], root: string): string[] {
  const pages = new Map(documents.map((document) => [document.page.source, document]));
  const wrong = ({ target, anchor }: Link): string | undefined => {
    if (target === undefined) return undefined;
    const page = pages.get(target);
    if (page === undefined) return existsSync(join(root, target)) ? undefined : 'there is no such file';
    if (anchor !== '' && !page.anchors.has(anchor)) return `${target} has no heading #${anchor}`;
    return undefined;
  };
  return documents.flatMap(({ page, links }) =>
    links.flatMap((link) => {
      const reason = wrong(link);
      return reason === undefined ? [] : [`${page.source}: ${link.href}: ${reason}`];
    }),
  );
}
