// Passwords are kept as scrypt digests (RFC 7914), each with its own salt and with the parameters that made it, so
// that the cost can be raised later without locking anyone out.

import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

interface Cost {
  /** Iterations, a power of two; memory is 128 * N * r bytes. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 16 MiB and some 40 ms on one core: services and test suites log in often, and each login pays it. */
const cost: Cost = { N: 16_384, r: 8, p: 1 };
const digestBytes = 32;

/** Runs on libuv's thread pool, not on the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await derive(password, salt, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64')}$${digest.toString('base64')}`;
}

/**
 * Whether the password is the one that was hashed. Without a hash the answer is no, after the same time: how long a
 * login takes does not tell whether the user exists.
 */
export async function passwordMatches(password: string, hash: string | null): Promise<boolean> {
  const stored = hash === null ? undefined : readHash(hash);
  const digest = await derive(password, stored?.salt ?? randomBytes(16), stored?.cost ?? cost);
  return stored !== undefined && stored.digest.length === digest.length && timingSafeEqual(stored.digest, digest);
}

function readHash(hash: string): { cost: Cost; salt: Buffer; digest: Buffer } | undefined {
  const matched = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(hash);
  if (matched === null) return undefined;
  const [, N, r, p, salt = '', digest = ''] = matched;
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    digest: Buffer.from(digest, 'base64'),
  };
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, digestBytes, options, (error, digest) => (error === null ? resolve(digest) : reject(error)));
  });
}
