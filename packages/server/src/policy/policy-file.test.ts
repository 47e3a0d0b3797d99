import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BadPolicyFile, loadRuleSet, watchPolicyFile } from './policy-file.ts';
import type { RuleSet } from './rule-set.ts';

const defaults = [
  { name: 'admin', check: 'role:admin', scopeTypes: [] },
  { name: 'create_network', check: 'rule:admin', scopeTypes: ['project' as const] },
];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neutronium-policy-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function load(yaml: string) {
  const path = join(folder, 'policy.yaml');
  await writeFile(path, yaml);
  return loadRuleSet(defaults, path);
}

describe('loadRuleSet', () => {
  it('puts the rules of the file over the built-in ones of the same name, for the same scopes', async () => {
    const { rules } = await load('create_network: "@"\nmine: role:me\n');
    expect(rules.get('create_network')).toEqual({ check: { kind: 'always' }, scopeTypes: ['project'] });
    expect(rules.get('mine')).toMatchObject({ check: { kind: 'role' } });
    expect(rules.get('admin')).toMatchObject({ check: { kind: 'role' } });
  });

  it('takes an empty file, or one of comments, for no rules', async () => {
    expect((await load('# nothing\n')).rules.size).toBe(2);
  });

  it.each([
    ['a: role:x role:y\nb: 3\n', /rule a: .*missing here[\s\S]*rule b: neither a text nor a list/],
    ['admin: rule:other\nother: rule:admin\n', /rule admin refers to itself: admin -> other -> admin/],
    ['- a\n- b\n', /must hold a table/],
    ['a: [', /Flow sequence/],
  ])('refuses %j whole', async (yaml, problems) => {
    await expect(load(yaml)).rejects.toThrow(problems);
  });

  it('says which file it could not read', async () => {
    await expect(loadRuleSet(defaults, join(folder, 'absent.yaml'))).rejects.toThrow('absent.yaml');
  });
});

describe('watchPolicyFile', () => {
  it('hands over the rules of a changed file, and keeps to the old ones when it cannot be used', async () => {
    const path = join(folder, 'watched.yaml');
    await writeFile(path, 'a: "@"\n');
    const onRules = vi.fn<(rules: RuleSet) => void>();
    const onProblem = vi.fn<(problem: unknown) => void>();
    const stop = watchPolicyFile({ path, defaults, onRules, onProblem, intervalMs: 10 });
    let changes = 0;
    /** Until the watching has begun, a change can be taken for how the file has always been; so there is another. */
    const changeUntil = async (rule: string, noticed: () => void): Promise<void> =>
      vi.waitFor(
        async () => {
          await writeFile(`${path}.new`, `a: ${rule} # change ${(changes += 1)}\n`);
          await rename(`${path}.new`, path);
          noticed();
        },
        { interval: 100, timeout: 60_000 },
      );
    await changeUntil('"!"', () => expect(onRules).toHaveBeenCalled());
    await changeUntil('role:x role:y', () => expect(onProblem).toHaveBeenCalled());
    stop();
    expect(onRules.mock.lastCall?.[0].rules.get('a')).toMatchObject({ check: { kind: 'never' } });
    expect(onProblem.mock.lastCall?.[0]).toBeInstanceOf(BadPolicyFile);
  });
});
