import { SecurityGroupDefaultAlreadyExists } from '../security-group-errors.ts';
import type { Kind } from '../kind.ts';
import { refuseWith } from '../reading.ts';
import { name } from './name.ts';

/** The name by which a project's default security group is known, and which no other group may have. */
export const defaultGroupName = 'default';

/** The name of a security group, which every project's default group has to itself. */
export const groupName: Kind<string> = {
  ...name,
  name: 'group name',
  doc: `${name.doc}, but not \`${defaultGroupName}\``,
  read: (value) => {
    const reading = name.read(value);
    if (reading.ok && reading.value.toLowerCase() === defaultGroupName) {
      return refuseWith(new SecurityGroupDefaultAlreadyExists());
    }
    return reading;
  },
  examples: { ...name.examples, invalid: [...name.examples.invalid, defaultGroupName, 'Default'] },
};
