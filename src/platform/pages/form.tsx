/** Forms of one button, and their hidden fields. */

/** Hidden fields. */
export function Hidden({ fields }: { fields: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

/** A button that sends an action, and leads back to the page `back`. */
export function ActionButton(props: { action: string; back: string; text: string; about: string }) {
  const { action, back, text, about } = props;
  return (
    <form method="post" action={action}>
      <Hidden fields={{ back }} />
      <button type="submit" aria-label={`${text} ${about}`}>
        {text}
      </button>
    </form>
  );
}

/** A list of values to choose from. The first choice is every value. */
export function Choice(props: {
  name: string;
  label: string;
  all: string;
  values: readonly string[];
  chosen?: string | undefined;
}) {
  const { name, label, all, values, chosen } = props;
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">{all}</option>
        {values.map((value) => (
          <option value={value} selected={value === chosen}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}
