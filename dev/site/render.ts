/** Makes HTML of a page, and the texts for the search: one for each section. */
import { Marked, type Renderer, type Token, type Tokens, walkTokens } from 'marked';
import { addressOf, relative } from './addresses.ts';
import { codeBlock } from './code.ts';
import { type Document, linkOf } from './document.ts';
import type { Page } from './pages.ts';

/** The text below a heading. */
export interface Section {
  /** The heading, or the title of the page. */
  heading: string;
  /** The address in the site, with the anchor. */
  address: string;
  text: string;
}

export interface Rendered {
  html: string;
  sections: Section[];
}

/** Renders a page of a site with these pages. */
export async function render(document: Document, pages: ReadonlyMap<string, Page>): Promise<Rendered> {
  const blocks = new Map<Token, string>();
  const waiting: Promise<void>[] = [];
  walkTokens(document.tokens, (token) => {
    if (token.type !== 'code') return;
    const { text, lang } = token as Tokens.Code;
    waiting.push(codeBlock(text, lang?.split(' ')[0]).then((html) => void blocks.set(token, html)));
  });
  await Promise.all(waiting);

  const href = (link: string): string => {
    const { target, anchor } = linkOf(document.page.source, link);
    if (target === undefined) return link;
    const path = target === document.page.source ? '' : relative(document.page.address, addressOf(target, pages));
    return path + (anchor === '' ? '' : `#${anchor}`);
  };
  const marked = new Marked({
    gfm: true,
    renderer: {
      code: (token) => blocks.get(token) ?? '',
      heading(this: Renderer, token) {
        const { id = '' } = document.headings.get(token) ?? {};
        const mark = `<a class="anchor" href="#${id}" aria-label="Link to this heading">#</a>`;
        return `<h${token.depth} id="${id}">${this.parser.parseInline(token.tokens)} ${mark}</h${token.depth}>\n`;
      },
      link(this: Renderer, token) {
        return `<a href="${escapeAttribute(href(token.href))}">${this.parser.parseInline(token.tokens)}</a>`;
      },
      image: (token) =>
        `<img src="${escapeAttribute(href(token.href))}" alt="${escapeAttribute(token.text)}" loading="lazy">`,
    },
  });
  // A table may be wider than the page, and then scrolls by itself.
  const html = marked
    .parser(document.tokens)
    .replaceAll(/<table>[\s\S]*?<\/table>/g, (table) => `<div class="wide" tabindex="0">${table}</div>`);
  return { html, sections: sectionsOf(document, (tokens) => marked.parser(tokens)) };
}

/** Deeper headings are found with the text of the section around them. */
const DEEPEST = 3;

function sectionsOf({ page, title, tokens, headings }: Document, toHtml: (tokens: Token[]) => string): Section[] {
  const sections: (Section & { tokens: Token[] })[] = [];
  for (const token of tokens) {
    const own = headings.get(token);
    const heading = own !== undefined && own.depth <= DEEPEST ? own : undefined;
    if (heading !== undefined || sections.length === 0) {
      const address = heading === undefined ? page.address : `${page.address}#${heading.id}`;
      sections.push({ heading: heading?.text ?? title, address, text: '', tokens: [] });
    }
    if (heading === undefined) sections.at(-1)?.tokens.push(token);
  }
  return sections.map(({ heading, address, tokens: below }) => ({ heading, address, text: textOf(toHtml(below)) }));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };

/** The text of HTML that this file has made. */
function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
