/** A page as Markdown tokens: its title, its headings with the anchors that GitHub gives them, and its links. */
import { posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import { Lexer, type Token, type Tokens, walkTokens } from 'marked';
import type { Page } from './pages.ts';

export interface Heading {
  depth: number;
  text: string;
  /** The anchor, without `#`. */
  id: string;
}

/** A link or a picture. */
export interface Link {
  href: string;
  /** The path in the repository that the link leads to; `undefined` for an address of another site. */
  target: string | undefined;
  /** The anchor, without `#`; empty for a link without one. */
  anchor: string;
}

/** A page that is read. */
export interface Document {
  page: Page;
  title: string;
  tokens: Token[];
  /** The headings by their tokens, in the order of the page. */
  headings: Map<Token, Heading>;
  /** All anchors: those of headings, and those that the page sets with `<a id="…">`. */
  anchors: Set<string>;
  links: Link[];
}

/** Reads a page. */
export function readDocument(page: Page): Document {
  const tokens = new Lexer({ gfm: true }).lex(page.markdown);
  const slugger = new GithubSlugger();
  const headings = new Map<Token, Heading>();
  const anchors = new Set<string>();
  const links: Link[] = [];
  walkTokens(tokens, (token) => {
    if (isHeading(token)) {
      const text = plainText(token.tokens);
      headings.set(token, { depth: token.depth, text, id: slugger.slug(text) });
    } else if (token.type === 'link' || token.type === 'image') {
      links.push(linkOf(page.source, (token as Tokens.Link).href));
    } else if (token.type === 'html') {
      for (const [, id = ''] of token.raw.matchAll(/<a id="([^"]+)"/g)) anchors.add(id);
    }
  });
  for (const { id } of headings.values()) anchors.add(id);
  const title = [...headings.values()].find(({ depth }) => depth === 1)?.text ?? posix.basename(page.source, '.md');
  return { page, title, tokens, headings, anchors, links };
}

/** Reads where a link of a file leads to. */
export function linkOf(source: string, href: string): Link {
  if (/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(href)) return { href, target: undefined, anchor: '' };
  const [path = '', anchor = ''] = href.split('#');
  const target = path === '' ? source : posix.join(posix.dirname(source), decodeURI(path)).replace(/\/$/, '');
  return { href, target, anchor };
}

/** The text of tokens without their formats. */
export function plainText(tokens: readonly Token[] = []): string {
  return tokens
    .map((token) => {
      if (token.type === 'html') return '';
      if ('tokens' in token && token.tokens !== undefined) return plainText(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading';
}
