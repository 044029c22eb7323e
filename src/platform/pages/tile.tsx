/** A figure of a page, which may lead to its screen. */
import type { Child } from 'hono/jsx';

/** A figure with its name and a note. `warns` marks a value that needs a look. */
export function Tile(props: { href?: string; name: string; note: string; warns?: boolean; children?: Child }) {
  const { href, name, note, warns = false, children } = props;
  const content = (
    <>
      <span class="label">
        {name} {warns && <span class="badge warn">look</span>}
      </span>
      <strong>{children}</strong>
      <span class="soft">{note}</span>
    </>
  );
  return <li>{href === undefined ? <div>{content}</div> : <a href={href}>{content}</a>}</li>;
}
