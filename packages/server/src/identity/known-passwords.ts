// Services, command lines and test suites log in over and over with the same password. Whoever did so once in the life
// of this process does not pay for scrypt again. Nothing is weaker for it where it counts: what is stored is as slow to
// guess as before, a wrong password takes the full time, and what is remembered here can be tried out only with a key
// that never leaves the memory of the process, where the key that signs tokens is, too.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { passwordMatches } from './password.ts';

/** Users whose password we remember; the one whose login is longest ago is forgotten first. */
const capacity = 1000;

export class KnownPasswords {
  readonly #key = randomBytes(32);
  /** Fingerprints of passwords, by the stored hash that they matched: a changed password has another hash. */
  readonly #fingerprintByHash = new Map<string, Buffer>();
  readonly #check: typeof passwordMatches;

  constructor(check: typeof passwordMatches = passwordMatches) {
    this.#check = check;
  }

  /** As `passwordMatches`, and quick for a password that matched before. */
  async matches(password: string, hash: string | null): Promise<boolean> {
    if (hash === null) return this.#check(password, hash);
    const fingerprint = createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest();
    const known = this.#fingerprintByHash.get(hash);
    const matches = (known !== undefined && timingSafeEqual(known, fingerprint)) || (await this.#check(password, hash));
    if (matches) this.#remember(hash, fingerprint);
    return matches;
  }

  #remember(hash: string, fingerprint: Buffer): void {
    this.#fingerprintByHash.delete(hash);
    this.#fingerprintByHash.set(hash, fingerprint);
    if (this.#fingerprintByHash.size <= capacity) return;
    const [oldest] = this.#fingerprintByHash.keys();
    if (oldest !== undefined) this.#fingerprintByHash.delete(oldest);
  }
}
