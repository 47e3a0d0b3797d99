import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { rbacObjectTypes, type RbacObjectType } from '../rbac-objects.ts';
import { accept, unconvertible, type Reading } from '../reading.ts';

/** A kind of object that can be shared with single projects. */
export const rbacObjectType: Kind<RbacObjectType> = {
  name: 'RBAC object type',
  doc: `one of ${rbacObjectTypes.map((type) => `\`${type}\``).join(', ')}`,
  read: readObjectType,
  filter: { by: 'value', read: readObjectType },
  schema: { type: 'string', enum: rbacObjectTypes },
  column: 'text',
  examples: { valid: [...rbacObjectTypes, ' Network '], invalid: ['', 'port', 'nonsense', 1, null, [], {}] },
};

function readObjectType(value: unknown): Reading<RbacObjectType> {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  const known = rbacObjectTypes.find((type) => type === word);
  return known === undefined ? unconvertible(`'${pythonText(value)}' is not a valid RBAC object type`) : accept(known);
}
