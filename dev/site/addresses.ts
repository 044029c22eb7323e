/** The addresses of the site. All links are relative, so that the site also works as files, without a server. */
import { posix } from 'node:path';
import type { Page } from './pages.ts';

const PICTURE = /\.(?:svg|png|jpe?g|gif|webp)$/;

/** Returns the path in the site for a path of the repository: of a page, of a picture, or of another file or folder. */
export function addressOf(target: string, pages: ReadonlyMap<string, Page>): string {
  const page = pages.get(target);
  if (page !== undefined) return page.address;
  return PICTURE.test(target) ? `pictures/${target}` : `source/${target}.html`;
}

/** Whether a path of the repository is copied into the site as it is. */
export function isPicture(target: string): boolean {
  return PICTURE.test(target);
}

/** Returns the link from one path of the site to another. */
export function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}
