// The oslo.policy language as data. A check says who may do something: it is asked about credentials (who asks) and a
// target (the attributes of what is asked for).

export type Check =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'all'; readonly of: readonly Check[] }
  | { readonly kind: 'any'; readonly of: readonly Check[] }
  | { readonly kind: 'not'; readonly of: Check }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'role'; readonly role: Template }
  /** The caller's project is the target's `field`, or that of its parent when the field is written `parent:field`. */
  | { readonly kind: 'owner'; readonly credential: 'project_id' | 'tenant_id'; readonly field: string }
  | { readonly kind: 'field'; readonly resource: string; readonly field: string; readonly value: string }
  /** A constant of the rule itself, such as `True` or `'compute'`, compared with the target. */
  | { readonly kind: 'literal'; readonly literal: string; readonly match: Template }
  /** A value of the credentials, found by its dotted path, compared with the target. */
  | { readonly kind: 'credential'; readonly path: string; readonly match: Template };

/** Text with places for attributes of the target: `%(project_id)s`. */
export type Template = readonly (string | { readonly key: string })[];

export function renderTemplate(template: Template): string {
  return template.map((part) => (typeof part === 'string' ? part.replaceAll('%', '%%') : `%(${part.key})s`)).join('');
}

/** The check in the policy language; parsing the text gives the same check again. */
export function renderCheck(check: Check): string {
  switch (check.kind) {
    case 'always':
      return '@';
    case 'never':
      return '!';
    case 'all':
      return check.of.map((part) => parenthesized(part, part.kind === 'all' || part.kind === 'any')).join(' and ');
    case 'any':
      return check.of.map((part) => parenthesized(part, part.kind === 'any')).join(' or ');
    case 'not':
      return `not ${parenthesized(check.of, check.of.kind === 'all' || check.of.kind === 'any')}`;
    case 'rule':
      return `rule:${check.name}`;
    case 'role':
      return `role:${renderTemplate(check.role)}`;
    case 'owner':
      return `${check.credential}:%(${check.field})s`;
    case 'field':
      return `field:${check.resource}:${check.field}=${check.value}`;
    case 'literal':
      return `${check.literal}:${renderTemplate(check.match)}`;
    case 'credential':
      return `${check.path}:${renderTemplate(check.match)}`;
  }
}

function parenthesized(check: Check, needed: boolean): string {
  return needed ? `(${renderCheck(check)})` : renderCheck(check);
}

/** The names of the rules that the check refers to. */
export function referencedRules(check: Check): readonly string[] {
  switch (check.kind) {
    case 'rule':
      return [check.name];
    case 'not':
      return referencedRules(check.of);
    case 'all':
    case 'any':
      return check.of.flatMap(referencedRules);
    case 'always':
    case 'never':
    case 'role':
    case 'owner':
    case 'field':
    case 'literal':
    case 'credential':
      return [];
  }
}
