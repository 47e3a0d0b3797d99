import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderCheck, type Check } from './check.ts';
import { parseCheck, parseCheckList } from './parse-check.ts';

const word = fc
  .stringMatching(/^[a-z_][a-z_0-9]{0,8}$/)
  .filter((text) => !['and', 'or', 'not', 'rule', 'role'].includes(text));
const template = fc.oneof(
  word.map((text) => [text]),
  word.map((key) => [{ key }]),
  fc.tuple(word, word).map(([text, key]) => [`${text}%`, { key }]),
);
const single: fc.Arbitrary<Check> = fc.oneof(
  fc.constantFrom<Check>({ kind: 'always' }, { kind: 'never' }),
  word.map((name): Check => ({ kind: 'rule', name: `create_${name}:x` })),
  template.map((role): Check => ({ kind: 'role', role })),
  word.map((field): Check => ({ kind: 'owner', credential: 'project_id', field: `network:${field}` })),
  fc
    .tuple(word, word)
    .map(([resource, value]): Check => ({ kind: 'field', resource, field: 'router:external', value })),
  template.map((match): Check => ({ kind: 'literal', literal: "'a:b'", match })),
  template.map((match): Check => ({ kind: 'literal', literal: 'True', match })),
  fc.tuple(word, template).map(([path, match]): Check => ({ kind: 'credential', path: `user.${path}`, match })),
);
const { check } = fc.letrec<{ check: Check }>((tie) => ({
  check: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    single,
    tie('check').map((of): Check => ({ kind: 'not', of })),
    fc.array(tie('check'), { minLength: 2, maxLength: 3 }).map((of): Check => ({ kind: 'all', of })),
    fc.array(tie('check'), { minLength: 2, maxLength: 3 }).map((of): Check => ({ kind: 'any', of })),
  ),
}));

const parsed = (text: string): Check => {
  const result = parseCheck(text);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
};

describe('parseCheck', () => {
  it('reads back whatever renderCheck writes', () => {
    fc.assert(
      fc.property(check, (original) => {
        expect(parsed(renderCheck(original))).toEqual(original);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseCheck(text).ok === 'boolean'));
  });

  it.each([
    ['role:a and not role:b or role:c', 'any(all(a,not b),c)'],
    ['role:a or role:b and role:c or role:d', 'any(a,all(b,c),d)'],
    ['not (role:a or role:b) and role:c', 'all(not any(a,b),c)'],
    ['NOT role:a AND((role:b)OR role:c)', 'refused'],
    ['NOT role:a AND ((role:b) OR role:c)', 'all(not a,any(b,c))'],
  ])('gives %j its structure', (text, structure) => {
    const result = parseCheck(text);
    expect(result.ok ? outline(result.value) : 'refused').toBe(structure);
  });

  it.each([
    ['role:a role:b', '"and" or "or" is missing here (character 8 of'],
    ['(role:a', 'this ( is not closed (character 1 of'],
    ['role:a )', 'this ) closes nothing (character 8 of'],
    ['role:a and', 'something is missing at the end (character 11 of'],
    ['or role:a', 'a check is missing before this "or" (character 1 of'],
    ['member', "'member' is not KIND:MATCH (character 1 of"],
    ['"quoted"', `'"quoted"' is not KIND:MATCH`],
    [
      'role:a and http://x/%(id)s',
      'http: checks, which ask another server at each decision, are not supported (character 12 of',
    ],
    ['tenant_id:abc', 'tenant_id: must be followed by %(FIELD)s (character 11 of'],
    ['field:networks', 'a field check is written field:RESOURCE:FIELD=VALUE (character 7 of'],
    ['field:port:device_owner=~[', 'not a regular expression'],
    ['user_id:%(user_id)', 'a % must begin %(FIELD)s or be doubled (character 9 of'],
  ])('says where %j goes wrong', (text, reason) => {
    const result = parseCheck(text);
    expect(result.ok ? 'accepted' : result.reason).toContain(reason);
  });
});

describe('parseCheckList', () => {
  it.each([
    [[], '@'],
    [[[]], '!'],
    [[['role:a', 'role:b'], 'role:c'], 'role:a and role:b or role:c'],
  ])('reads the older form %j', (list, text) => {
    expect(parseCheckList(list)).toEqual(parseCheck(text));
  });
});

function outline(check: Check): string {
  if (check.kind === 'not') return `not ${outline(check.of)}`;
  if (check.kind === 'all' || check.kind === 'any') return `${check.kind}(${check.of.map(outline).join(',')})`;
  return renderCheck(check).replace('role:', '');
}
