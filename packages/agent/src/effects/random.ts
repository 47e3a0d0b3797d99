import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** At least 0, less than 1; for jitter, never for secrets. */
  fraction(): number;
  uuid(): string;
  /** `length` random bytes as lower-case hexadecimal digits. */
  hex(length: number): string;
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  uuid: () => randomUUID(),
  hex: (length) => randomBytes(length).toString('hex'),
};
