import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { refuse } from '../reading.ts';

/** The rules that a security group shows with itself; they are made and removed by requests of their own. */
export const ruleList: Kind<readonly object[]> = {
  name: 'rules',
  doc: 'a list of security group rules',
  read: (value) => refuse(`'${pythonText(value)}' cannot be set with the group`),
  filter: unsearchable,
  schema: { type: 'array', items: { type: 'object' } },
  column: 'json',
  examples: { valid: [], invalid: [[], null, 'x', {}] },
};
