import type { DnsAssignment } from '../host-view.ts';
import { objectSchema, unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, unconvertible, type Reading, type Refusal } from '../reading.ts';

/** Most characters of a name without its trailing dot (RFC 1035 section 2.3.4). */
const maxLength = 255;
const label = /^[a-z0-9-]{1,63}$/;

/**
 * Words that stand in a domain for what a name's owner is called. Whoever lets the clouds' users write domains for all
 * projects needs them: `<project_id>.cloud.example.`
 */
export const domainWords = ['project_id', 'project_name', 'user_id', 'user_name'] as const;
export type DomainWord = (typeof domainWords)[number];

const word = new RegExp(`<(?:${domainWords.join('|')})>`, 'g');

/** The domain with each of its words in angle brackets replaced by what `meaning` gives for it. */
export function fillIn(domain: string, meaning: (name: string) => string): string {
  return domain.replaceAll(word, (found) => meaning(found.slice(1, -1)));
}

/** The name of a host, with or without its domain; lower case. Empty for none. */
export const dnsName: Kind<string> = dnsKind(
  'DNS name',
  'a host name, relative or fully qualified; empty for none',
  (name) => {
    const reason = formatError(name);
    return reason === undefined ? undefined : refuse(reason);
  },
);

/** A domain, fully qualified with its trailing dot; lower case. Empty for none. */
export const dnsDomain: Kind<string> = withWords(
  dnsKind(
    'DNS domain',
    'a domain name with its trailing dot, of which labels may be `<project_id>`, `<project_name>`, `<user_id>` or `<user_name>`; empty for none',
    (domain) => {
      if (!domain.endsWith('.')) return refuse(`'${domain}' is not a FQDN`);
      // As a label of its own, a word is as good as what it stands for; its length is what it has as written.
      const labels = domain.split('.').map((part) => (isWord(part) ? 'x'.repeat(part.length) : part));
      const reason = formatError(labels.join('.'));
      if (reason !== undefined) return refuse(reason);
      // A host's name of one letter and a dot must fit in front.
      if (domain.length <= maxLength - 2) return undefined;
      return refuse(
        `'${domain}' contains ${domain.length} characters. Adding a sub-domain will cause it to exceed the maximum length ` +
          `of a FQDN of '${maxLength}'`,
      );
    },
  ),
);

/** The names that the internal DNS has for a port's addresses. Only the server writes them. */
export const dnsAssignments: Kind<readonly DnsAssignment[]> = {
  name: 'DNS assignments',
  doc: 'a list of `{"ip_address": IP, "hostname": text, "fqdn": text}`',
  read: (value) => refuse(`'${pythonText(value)}' is computed`),
  filter: unsearchable,
  schema: {
    type: 'array',
    items: objectSchema({ ip_address: { type: 'string' }, hostname: { type: 'string' }, fqdn: { type: 'string' } }),
  },
  column: 'json',
  examples: { valid: [], invalid: [[], null, 'x'] },
};

function withWords(kind: Kind<string>): Kind<string> {
  const valid = [...kind.examples.valid, '<project_id>.example.org.'];
  return { ...kind, examples: { ...kind.examples, valid } };
}

function dnsKind(name: string, doc: string, check: (value: string) => Refusal | undefined): Kind<string> {
  const read = (value: unknown): Reading<string> => {
    if (typeof value !== 'string') return unconvertible(`Input value ${pythonText(value)} must be string type`);
    const lower = value.toLowerCase();
    return (lower === '' ? undefined : check(lower)) ?? accept(lower);
  };
  return {
    name,
    doc,
    read,
    filter: { by: 'value', read: (text) => accept(text.toLowerCase()) },
    schema: { type: 'string', maxLength },
    column: 'text',
    examples: {
      valid: ['', 'web.example.org.', 'WEB.example.org.'],
      invalid: [null, 7, 'a..b.', '-a.', 'a_b.', 'a.1.', `${'a'.repeat(64)}.`, [], {}],
    },
  };
}

function isWord(text: string): boolean {
  return domainWords.some((each) => text === `<${each}>`);
}

/** What RFC 1123 section 2.1 and RFC 952 have against a name; undefined when nothing. */
function formatError(name: string): string | undefined {
  const trimmed = name.endsWith('.') ? name.slice(0, -1) : name;
  const labels = trimmed.split('.');
  const last = labels.at(-1) ?? '';
  const reason =
    trimmed.length > maxLength
      ? `'${trimmed}' exceeds the ${maxLength} character FQDN limit`
      : (labels.map(labelError).find((found) => found !== undefined) ??
        (labels.length > 1 && /^[0-9]+$/.test(last) ? `TLD '${last}' must not be all numeric` : undefined));
  return reason === undefined ? undefined : `'${name}' not a valid PQDN or FQDN. Reason: ${reason}`;
}

function labelError(text: string): string | undefined {
  if (text === '') return 'Encountered an empty component';
  if (text.startsWith('-') || text.endsWith('-')) return `Name '${text}' must not start or end with a hyphen`;
  if (!label.test(text)) {
    return `Name '${text}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen`;
  }
  return undefined;
}
