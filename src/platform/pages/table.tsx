/** Tables that scroll sideways on small screens, also by the keyboard. */
import type { Child } from 'hono/jsx';

/** A table with its caption. The first column is the header of its row. */
export function Table(props: { caption: string; columns: readonly (string | false)[]; children?: Child }) {
  const { caption, columns, children } = props;
  return (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>{columns.map((column) => column !== false && <th scope="col">{column}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
