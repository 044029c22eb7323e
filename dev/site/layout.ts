/** The frame of each page: the search, the navigation, the page and the list of its headings. */
import { html, raw } from 'hono/html';
import { relative } from './addresses.ts';
import type { Heading } from './document.ts';
import type { Group } from './order.ts';

/** A page in the navigation. */
export interface Entry {
  source: string;
  address: string;
  title: string;
}

export interface Frame {
  /** The path of the page in the site. */
  address: string;
  title: string;
  /** The content, as HTML. */
  content: string;
  headings: Iterable<Heading>;
  groups: readonly Group<Entry>[];
}

/** Returns a whole page. */
export async function layout({ address, title, content, headings, groups }: Frame): Promise<string> {
  const to = (target: string) => relative(address, target);
  const parts = [...headings].filter(({ depth }) => depth === 2 || depth === 3);
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Holdfast</title>
<link rel="icon" href="${to('assets/icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${to('assets/site.css')}">
<script src="${to('assets/theme.js')}"></script>
<script src="${to('assets/site.js')}" data-root="${to('assets/..')}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<a class="name" href="${to('index.html')}">Holdfast</a>
<search><input type="search" id="search" placeholder="Search (/)" aria-label="Search" aria-controls="results" autocomplete="off"><div id="results" hidden></div></search>
<span class="space"></span>
<button type="button" id="theme">Dark or light</button>
</header>
<details class="pages" open><summary>Pages</summary><nav aria-label="Pages">${groups.map((group) => navigation(group, address))}</nav></details>
<main id="main" tabindex="-1">${raw(content)}</main>
${parts.length > 1 ? html`<nav class="headings" aria-label="On this page"><ul>${parts.map((part) => html`<li class="depth${part.depth}"><a href="#${part.id}">${part.text}</a></li>`)}</ul></nav>` : ''}
</body>
</html>
`;
  return String(page);
}

function navigation({ title, pages }: Group<Entry>, address: string) {
  const isOpen = pages.some((page) => page.address === address);
  return html`<details ${isOpen ? 'open' : ''}><summary>${title}</summary><ul>${pages.map(
    (page) =>
      html`<li><a href="${relative(address, page.address)}" ${page.address === address ? raw('aria-current="page"') : ''}>${page.title}</a></li>`,
  )}</ul></details>`;
}
