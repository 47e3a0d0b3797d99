// How a refusal names the rules that it is about. Clients and test suites compare this text.

/**
 * The rules of one request, from the operation down to keys of attributes, joined as Neutron joins them: each further
 * attribute adds a pair of parentheses around what came before, and an attribute's keys stand in parentheses with it.
 */
export function renderRuleNames(rules: readonly string[]): string {
  const [operation = '', ...rest] = rules;
  const attributes = rest.filter((rule) => !rest.some((other) => rule.startsWith(`${other}:`)));
  return attributes.reduce((joined, attribute) => `(${joined} and ${withKeys(attribute, rest)})`, `rule:${operation}`);
}

function withKeys(attribute: string, rules: readonly string[]): string {
  const keys = rules.filter((rule) => rule.startsWith(`${attribute}:`)).map((rule) => `rule:${rule}`);
  return keys.length === 0 ? `rule:${attribute}` : `(rule:${attribute} and (${keys.join(' and ')}))`;
}
