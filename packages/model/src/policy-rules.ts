// Which policy rules a request must satisfy. Besides the rule of the operation, an attribute declared with `policy`
// has rules of its own, and so do the keys of objects in it: create_port, create_port:fixed_ips and
// create_port:fixed_ips:subnet_id. All of them must hold.

import type { Attribute } from './attribute.ts';
import { attributesOf, type AnyResource } from './resource.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the rules call the resource: a part of another is named after both. */
export function policyName({ name, parent }: AnyResource): string {
  return parent === undefined ? name : `${parent.name}_${name}`;
}

/**
 * The rules of creating an object from a request that has been read. An attribute counts when the request gives it a
 * value other than its default, so leaving it out never needs a right.
 */
export function createRules(resource: AnyResource, values: Values): readonly string[] {
  const action = `create_${policyName(resource)}`;
  return [
    action,
    ...attributeRules(resource, values, action, (name, { traits, default: fallback }) =>
      traits.post === 'defaulted' ? !sameJson(values[name], fallback) : values[name] !== undefined,
    ),
  ];
}

/** The rules of an update: every attribute that the request names counts, changed or not. */
export function updateRules(resource: AnyResource, values: Values): readonly string[] {
  const action = `update_${policyName(resource)}`;
  return [action, ...attributeRules(resource, values, action, (name) => values[name] !== undefined)];
}

/** The rules of an action: its own, and those of guarded attributes that the object in its body names. */
export function actionRules(resource: AnyResource, action: string, body: unknown): readonly string[] {
  const given: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, resource.name) : undefined;
  // The names are looked up and nothing else is done with the values, which the action reads.
  const values = (typeof given === 'object' && given !== null ? given : {}) as Values;
  return [action, ...attributeRules(resource, values, action, (name) => values[name] !== undefined)];
}

export function deleteRule(resource: AnyResource): string {
  return `delete_${policyName(resource)}`;
}

/** The rule of seeing an object at all. */
export function showRule(resource: AnyResource): string {
  return `get_${policyName(resource)}`;
}

/** The rule of seeing one attribute of an object; undefined when whoever sees the object sees the attribute. */
export function showAttributeRule(resource: AnyResource, name: string): string | undefined {
  return resource.attributes[name]?.policy === true ? `get_${policyName(resource)}:${name}` : undefined;
}

/** Names of the attributes that rules look at, whatever the client asked to see. */
export function policyAttributes(resource: AnyResource): readonly string[] {
  return attributesOf(resource).flatMap(([name, attribute]) => (attribute.requiredByPolicy ? [name] : []));
}

function attributeRules(
  resource: AnyResource,
  values: Values,
  action: string,
  counts: (name: string, attribute: Attribute) => boolean,
): string[] {
  return attributesOf(resource).flatMap(([name, attribute]) =>
    attribute.policy && counts(name, attribute)
      ? [`${action}:${name}`, ...memberRules(`${action}:${name}`, values[name])]
      : [],
  );
}

/** One rule for each key that occurs in an object, or in a list of objects. */
function memberRules(rule: string, value: unknown): string[] {
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  const keys = members.flatMap((member) => (typeof member === 'object' && member !== null ? Object.keys(member) : []));
  return [...new Set(keys)].map((key) => `${rule}:${key}`);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
