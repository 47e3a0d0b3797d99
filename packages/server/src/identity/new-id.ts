import { randomUUID } from 'node:crypto';

/** 32 hexadecimal digits, Keystone's form of an id. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}
