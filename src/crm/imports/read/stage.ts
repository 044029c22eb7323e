/** The stages of a sale by the words that other systems have for them. */
import type { Stage } from '../../deals/schema.ts';
import { folded } from './fold.ts';

/** Beginnings of words in the languages of the table, in the order of a decision: the end of a sale comes first. */
const WORDS: readonly (readonly [Stage, RegExp])[] = [
  ['lost', /lost|verloren|perd|persa|przegran|forlorad|tapt|tabt|prohr|kayb|失注|失败|输|丢/],
  ['won', /\bwon\b|gewonnen|gagn|ganad|vint|ganh|wygran|vunn|vund|vyhr|kazan|受注|赢|成交/],
  ['negotiation', /negot|verhand|negoc|negoz|onderhand|forhand|jednan|pazarl|交渉|谈判|contract|vertrag/],
  [
    'proposal',
    /propos|quote|angebot|offer|devis|offert|tilbud|nabid|teklif|presup|preventiv|orcam|見積|提案|报价|value prop/,
  ],
  ['qualified', /qualif|kvalif|kwalif|kvalifik|nitelik|demo|needs|discover|perception|商談|合格/],
  ['lead', /lead|new|neu|prospect|nuev|nouv|nuov|nov|nowy|ny\b|yeni|open|offen|contact|リード|新規|新/],
];

/** Returns the stage that a text of another system means; `undefined` if it means none. */
export function stageOf(text: string): Stage | undefined {
  const words = folded(text);
  return WORDS.find(([stage, pattern]) => words === stage || pattern.test(words))?.[0];
}
