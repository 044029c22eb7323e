/** Colours of code: each piece that a language names gets an element with the class of its kind. */
import { highlightText, type ShjLanguage } from '@speed-highlight/core';

/** The names after the fences of the documents, and the languages of the library. */
const LANGUAGES: Readonly<Record<string, ShjLanguage>> = {
  ts: 'ts',
  tsx: 'ts',
  js: 'js',
  json: 'json',
  sh: 'bash',
  yaml: 'yaml',
  yml: 'yaml',
  toml: 'toml',
  diff: 'diff',
  http: 'http',
  sql: 'sql',
  css: 'css',
};

/** Returns a block of code as HTML. Code of an unknown language, and what a console shows, has no colours. */
export async function codeBlock(text: string, language = ''): Promise<string> {
  const known = LANGUAGES[language];
  const code = known === undefined ? escapeHtml(text) : await highlightText(text, known, false);
  return `<pre tabindex="0"><code>${code}</code></pre>\n`;
}

/** Returns a text as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
