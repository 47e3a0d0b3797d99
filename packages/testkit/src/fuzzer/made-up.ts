// Values that a schema describes, now and then with something else in the place of a part.

import type { Seeded } from '../lab/seeded.ts';
import type { DescribedApi, Schema } from './described-api.ts';

const oddities: readonly unknown[] = [
  null,
  '',
  'rubbish',
  -1,
  2 ** 53,
  1.5,
  true,
  [],
  {},
  ['rubbish'],
  { rubbish: 1 },
  'x'.repeat(300),
  '\u0000',
  '\ud800',
  "'; drop table ports; --",
  '::/0',
  '$ref',
];

export interface Making {
  readonly api: DescribedApi;
  readonly dice: Seeded;
  /** An id of an object of the resource with this plural. */
  readonly idOf: (plural: string) => string;
  readonly manner: Manner;
}

/** How a whole request is made: requests that are odd in many places are all refused for the first. */
export interface Manner {
  /** How often a part is something that its schema does not describe. */
  readonly oddness: number;
  /** How often what may be left out is there. */
  readonly fullness: number;
}

export const manners: readonly (readonly [weight: number, Manner])[] = [
  [3, { oddness: 0, fullness: 0 }],
  [4, { oddness: 0, fullness: 0.15 }],
  [1, { oddness: 0, fullness: 0.5 }],
  [3, { oddness: 0.1, fullness: 0.15 }],
];

export function madeUp(schema: Schema, making: Making): unknown {
  const { dice, api, manner } = making;
  if (dice.chance(manner.oddness)) return dice.pick(oddities);
  return described(api.resolve(schema), making);
}

function described(schema: Schema, making: Making): unknown {
  const { dice } = making;
  const { 'x-references': references, anyOf, oneOf, examples, type } = schema;
  const isNullable = anyOf?.some((each) => each.type === 'null') === true;
  if (references !== undefined && type !== 'array')
    return isNullable && dice.chance(0.2) ? null : making.idOf(references);
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return dice.pick(schema.enum);
  if (schema.format === 'uuid') return making.idOf('any');
  if (examples !== undefined && dice.chance(0.7)) return dice.pick(examples);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return madeUp(dice.pick(choices) ?? {}, making);
  return ofType((typeof type === 'object' ? dice.pick(type) : type) ?? 'string', schema, making);
}

/** Of what no type is said, a text is as good as anything. */
function ofType(type: string, schema: Schema, making: Making): unknown {
  const { dice } = making;
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return dice.chance(0.5);
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = minimum + 70_000 } = schema;
      return dice.pick([minimum, maximum, minimum + dice.below(maximum - minimum + 1)]);
    }
    case 'array': {
      const { items = {}, minItems = 0, 'x-references': references } = schema;
      const item = references === undefined ? items : { ...items, 'x-references': references };
      return Array.from({ length: minItems + dice.below(3 - minItems) }, () => madeUp(item, making));
    }
    case 'object':
      return object(schema, making);
    default:
      return text(schema, making);
  }
}

/** With a member that is not described, once in a while. */
function object({ properties = {}, required = [] }: Schema, making: Making): object {
  const { dice, manner } = making;
  const names = Object.keys(properties).filter((name) => required.includes(name) || dice.chance(manner.fullness));
  const members = names.map((name) => {
    const referred = making.api.referredBy(name);
    const schema = properties[name] ?? {};
    return [name, madeUp(referred === undefined ? schema : { 'x-references': referred, ...schema }, making)] as const;
  });
  return { ...Object.fromEntries(members), ...(dice.chance(manner.oddness / 3) ? { rubbish: 1 } : {}) };
}

function text({ maxLength = 40 }: Schema, { dice }: Making): string {
  const words = ['', 'a', 'grün', 'two words', '10.0.0.7', 'fd00::7', '10.0.0.0/24', 'x'.repeat(maxLength)];
  return dice.pick(words) ?? '';
}
