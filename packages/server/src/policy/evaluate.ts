// Answers checks. The credentials of a request do not change while it runs, so a check is first reduced to what is
// left when they are known: mostly plain yes or no, else a function of the target. A list of ten thousand ports then
// costs ten thousand calls of that function, and for an administrator none at all.

import { pythonText } from '@neutronium/model/python-text';
import { witness } from '@neutronium/model/witness';
import type { Check, Template } from './check.ts';
import { fieldPattern, readLiteral } from './parse-check.ts';
import { defaultRuleName, type RuleSet } from './rule-set.ts';

/** The attributes of what is asked for. A key `parent:attribute` may bring an attribute of its parent along. */
export type Target = Readonly<Record<string, unknown>>;

/** Who asks, as rules see it: project_id, user_id, roles, system_scope and so on. */
export type Credentials = Readonly<Record<string, unknown>>;

/** A record that a rule about a target needs besides it, such as the network of a port. */
export interface ParentRequest {
  /** Name of the resource: `network`, `security_group`. */
  readonly resource: string;
  readonly id: string;
  /** `shared` differs from project to project: as this one sees it; null for what holds whoever looks. */
  readonly seenBy: string | null;
}

/**
 * Which parent of a target a rule looks at. Asked once or twice for every item of a list, so it answers in parts and
 * makes no objects.
 */
export interface ParentNeed {
  resource(target: Target): string;
  /** Undefined when the target brings along what the rule would look for, or names no parent. */
  id(target: Target): string | undefined;
  seenBy(target: Target): string | null;
}

/** How a rule finds the records that were fetched for it. Undefined: there is none, and the rule does not hold. */
export type FindParent = (need: ParentNeed, target: Target) => Target | undefined;

export type Residual =
  | { readonly kind: 'constant'; readonly holds: boolean }
  | {
      readonly kind: 'depends';
      readonly holds: (target: Target, findParent: FindParent) => boolean;
      /** The parents that `holds` may ask for, to be fetched beforehand. */
      readonly needs: readonly ParentNeed[];
    };

const yes: Residual = { kind: 'constant', holds: true };
const no: Residual = { kind: 'constant', holds: false };
const constant = (holds: boolean): Residual => (holds ? yes : no);

/** What is left of the rules of `ruleSet` for one caller; each rule is reduced once, when it is first asked for. */
export function reduceFor(ruleSet: RuleSet, credentials: Credentials): (name: string) => Residual {
  const reduced = new Map<string, Residual>();
  const roles = new Set(
    (Array.isArray(credentials['roles']) ? credentials['roles'] : []).map((role) => pythonText(role).toLowerCase()),
  );

  function rule(name: string): Residual {
    const known = reduced.get(name);
    if (known !== undefined) return known;
    const found = ruleSet.rules.get(name);
    if (found !== undefined) witness?.('rule', name);
    // Nobody defined the rule: the one named `default` stands for it, and without that nobody may.
    const residual = found !== undefined ? reduce(found.check) : name === defaultRuleName ? no : rule(defaultRuleName);
    reduced.set(name, residual);
    return residual;
  }

  function reduce(check: Check): Residual {
    switch (check.kind) {
      case 'always':
        return yes;
      case 'never':
        return no;
      case 'all':
        return join(check.of.map(reduce), false);
      case 'any':
        return join(check.of.map(reduce), true);
      case 'not':
        return negate(reduce(check.of));
      case 'rule':
        return rule(check.name);
      case 'role':
        return ofTemplate(check.role, (role) => roles.has(role.toLowerCase()));
      case 'owner':
        return ofOwner(credentials['project_id'], check.field);
      case 'field':
        return ofField(check);
      case 'literal': {
        const literal = readLiteral(check.literal);
        return ofTemplate(check.match, (text) => text === literal);
      }
      case 'credential': {
        const values = credentialValues(credentials, check.path.split('.'));
        return values.size === 0 ? no : ofTemplate(check.match, (text) => values.has(text));
      }
    }
  }

  return rule;
}

/** `any` when `settledBy` is true, `all` when it is false: the parts are asked in order until one settles it. */
function join(parts: readonly Residual[], settledBy: boolean): Residual {
  if (parts.some((part) => part.kind === 'constant' && part.holds === settledBy)) return constant(settledBy);
  const open = parts.filter((part) => part.kind === 'depends');
  const [first, ...rest] = open;
  if (first === undefined) return constant(!settledBy);
  if (rest.length === 0) return first;
  return {
    kind: 'depends',
    holds: (target, findParent) => open.some((part) => part.holds(target, findParent) === settledBy) === settledBy,
    needs: open.flatMap((part) => part.needs),
  };
}

function negate(part: Residual): Residual {
  if (part.kind === 'constant') return constant(!part.holds);
  return { ...part, holds: (target, findParent) => !part.holds(target, findParent) };
}

function ofTemplate(template: Template, accepts: (text: string) => boolean): Residual {
  const plain = template.filter((part) => typeof part === 'string');
  if (plain.length === template.length) return constant(accepts(plain.join('')));
  return {
    kind: 'depends',
    needs: [],
    holds: (target) => {
      const text = fillTemplate(template, target);
      return text !== undefined && accepts(text);
    },
  };
}

/** Undefined when the target lacks one of the attributes. */
function fillTemplate(template: Template, target: Target): string | undefined {
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') text += part;
    else if (!Object.hasOwn(target, part.key)) return undefined;
    else text += pythonText(target[part.key]);
  }
  return text;
}

function ofOwner(projectId: unknown, field: string): Residual {
  // A token without a project owns nothing, not even what belongs to no project.
  if (typeof projectId !== 'string' || projectId === '') return no;
  const own = firstOf([field, ...spellings(field)]);
  const parent = /^([^:]+):(.+)$/.exec(field);
  if (parent === null) return { kind: 'depends', needs: [], holds: (target) => own(target) === projectId };
  const [, resource = '', attribute = ''] = parent;
  const ofParent = firstOf([attribute, ...spellings(attribute)]);
  const named = resource === 'ext_parent' ? extParent : namedParent(resource);
  const need: ParentNeed = { ...named, id: (target) => (own(target) === undefined ? named.id(target) : undefined) };
  return {
    kind: 'depends',
    needs: [need],
    holds: (target, findParent) => {
      const brought = own(target);
      if (brought !== undefined) return brought === projectId;
      const found = findParent(need, target);
      return found !== undefined && ofParent(found) === projectId;
    },
  };
}

/** The first of the attributes that a target has. */
function firstOf(names: readonly string[]): (target: Target) => unknown {
  return (target) => {
    for (const name of names) {
      const value = target[name];
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** project_id and its older name tenant_id mean the same wherever they stand. */
function spellings(field: string): readonly string[] {
  if (field.endsWith('tenant_id')) return [`${field.slice(0, -'tenant_id'.length)}project_id`];
  if (field.endsWith('project_id')) return [`${field.slice(0, -'project_id'.length)}tenant_id`];
  return [];
}

function namedParent(resource: string): ParentNeed {
  const attribute = `${resource}_id`;
  return {
    resource: () => resource,
    id: (target) => textOf(target[attribute]),
    seenBy: () => null,
  };
}

const extParentKey = /^ext_parent_(.+)_id$/;

/** `ext_parent` is whatever resource the target is a part of: named by its attribute `ext_parent_RESOURCE_id`. */
const extParent: ParentNeed = {
  resource: (target) => extParentKey.exec(extParentAttribute(target) ?? '')?.[1] ?? '',
  id: (target) => textOf(target[extParentAttribute(target) ?? '']),
  seenBy: () => null,
};

function extParentAttribute(target: Target): string | undefined {
  return Object.keys(target).find((name) => extParentKey.test(name));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function ofField(check: Extract<Check, { kind: 'field' }>): Residual {
  const accepts = fieldTest(check.value);
  const { field } = check;
  if (check.resource !== 'networks' || field !== 'shared') {
    return { kind: 'depends', needs: [], holds: (target) => accepts(target[field]) };
  }
  // Ports and subnets are shared when their network is, as their own project sees it.
  const network: ParentNeed = {
    resource: () => 'network',
    id: (target) => (target[field] === undefined ? textOf(target['network_id']) : undefined),
    seenBy: (target) => textOf(target['project_id']) ?? null,
  };
  return {
    kind: 'depends',
    needs: [network],
    holds: (target, findParent) => accepts(target[field] ?? findParent(network, target)?.[field]),
  };
}

function fieldTest(written: string): (value: unknown) => boolean {
  if (written.startsWith('~')) {
    const pattern = fieldPattern(written);
    return (value) => typeof value === 'string' && pattern.test(value);
  }
  const truth = /^(?:true|t|yes|y|on|1)$/i.test(written);
  const untruth = /^(?:false|f|no|n|off|0)$/i.test(written);
  return (value) => {
    if (value === null || value === undefined) return false;
    if (typeof value === 'boolean') return value ? truth : untruth;
    return pythonText(value) === written;
  };
}

/** The texts at the path; a list on the way stands for each of its items. */
function credentialValues(value: unknown, path: readonly string[]): ReadonlySet<string> {
  const [key, ...rest] = path;
  if (key === undefined) return new Set(value === null || value === undefined ? [] : [pythonText(value)]);
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return new Set();
  const inner: unknown = Reflect.get(value, key);
  const items: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
  return new Set(items.flatMap((item) => [...credentialValues(item, rest)]));
}
