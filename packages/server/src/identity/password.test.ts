import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashPassword, passwordMatches } from './password.ts';

describe('a hashed password', () => {
  it('matches itself and nothing else', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (password, other) => {
      const hash = await hashPassword(password);
      expect(await passwordMatches(password, hash)).toBe(true);
      expect(await passwordMatches(other, hash)).toBe(other === password);
    });
    await fc.assert(property, { numRuns: 3 });
  });

  it('differs each time, and does not show the password', async () => {
    const [a, b] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
    expect(a).not.toBe(b);
    expect(a).not.toContain('correct');
  });

  it('made at another cost still matches', async () => {
    const cheap = 'scrypt$1024$8$1$c2FsdA==$FtvIkGdjx/BIl3po+dMF93EOBoyizZXas3ISW7Pxlgg=';
    expect(await passwordMatches('password', cheap)).toBe(true);
    expect(await passwordMatches('Password', cheap)).toBe(false);
  });

  it.each([null, '', 'password', 'scrypt$1$2', 'md5$x$y'])('that is %j matches nothing', async (hash) => {
    expect(await passwordMatches('password', hash)).toBe(false);
  });
});
