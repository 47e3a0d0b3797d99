// Clients and test suites compare error messages, and those quote the rejected value as Python prints it: None, True,
// ['a'], {'b': 1}. These functions print a JSON value that way, so that our messages are the ones they know.

/** The value as `str()` shows it: text as it is, everything else as `pythonRepr`. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** The value as `repr()` shows it: text in single quotes unless it contains only single ones. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${quote(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  }
  return typeof value;
}

/** The values as `repr()` shows a tuple of them: one of a single member ends in a comma. */
export function pythonTuple(values: readonly unknown[]): string {
  const [only, ...others] = values.map(pythonRepr);
  return others.length === 0 ? `(${only ?? ''}${only === undefined ? '' : ','})` : `(${[only, ...others].join(', ')})`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] ?? character);
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`;
}
