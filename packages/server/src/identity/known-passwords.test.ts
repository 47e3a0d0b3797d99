import { describe, expect, it } from 'vitest';
import { KnownPasswords } from './known-passwords.ts';

/** Passwords that are their own hashes, and how often one was compared with one. */
function countedChecks() {
  const checked: string[] = [];
  const known = new KnownPasswords((password, hash) => {
    checked.push(password);
    return Promise.resolve(password === hash);
  });
  return { checked, known };
}

describe('known passwords', () => {
  it('are checked once', async () => {
    const { checked, known } = countedChecks();
    for (let login = 0; login < 3; login += 1) expect(await known.matches('secret', 'secret')).toBe(true);
    expect(checked).toEqual(['secret']);
  });

  it('do not let a wrong password pass, and make it pay each time', async () => {
    const { checked, known } = countedChecks();
    await known.matches('secret', 'secret');
    expect(await known.matches('guess', 'secret')).toBe(false);
    expect(await known.matches('guess', 'secret')).toBe(false);
    expect(checked).toEqual(['secret', 'guess', 'guess']);
  });

  it('are worth nothing once the stored hash is another', async () => {
    const { known } = countedChecks();
    await known.matches('secret', 'secret');
    expect(await known.matches('secret', 'changed')).toBe(false);
  });

  it('make a user who does not exist take as long as before', async () => {
    const { checked, known } = countedChecks();
    expect(await known.matches('secret', null)).toBe(false);
    expect(await known.matches('secret', null)).toBe(false);
    expect(checked).toEqual(['secret', 'secret']);
  });

  it('are forgotten when too many came after', async () => {
    const { checked, known } = countedChecks();
    for (let user = 0; user <= 1000; user += 1) await known.matches(`secret ${user}`, `secret ${user}`);
    checked.length = 0;
    await known.matches('secret 1000', 'secret 1000');
    await known.matches('secret 0', 'secret 0');
    expect(checked).toEqual(['secret 0']);
  });
});
