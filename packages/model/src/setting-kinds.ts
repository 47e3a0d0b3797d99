// The kinds of values that settings have. Each reads a TOML value or the text of an environment variable.

import { accept, refuse, type Parsed } from '@neutronium/net/parsed';
import type { SettingKind } from './settings.ts';

/** Shows what was written, shortened, in a complaint. */
const shown = (written: unknown): string => JSON.stringify(written)?.slice(0, 80) ?? String(written);

export const text: SettingKind<string> = {
  placeholder: 'TEXT',
  parse: (written) => (typeof written === 'string' ? accept(written) : refuse(`${shown(written)} is not a text`)),
  render: (value) => value,
};

export const filePath: SettingKind<string> = {
  ...text,
  placeholder: 'PATH',
  parse: (written) =>
    typeof written === 'string' && written !== '' ? accept(written) : refuse(`${shown(written)} is not a path`),
};

export const flag: SettingKind<boolean> = {
  placeholder: 'true|false',
  parse: (written) => {
    if (typeof written === 'boolean') return accept(written);
    if (written === 'true' || written === 'false') return accept(written === 'true');
    return refuse(`${shown(written)} is neither true nor false`);
  },
  render: String,
};

export function integer({ min, max }: { readonly min: number; readonly max: number }): SettingKind<number> {
  return {
    placeholder: 'NUMBER',
    parse: (written) => {
      const value = typeof written === 'string' && /^-?\d{1,15}$/.test(written) ? Number(written) : written;
      if (typeof value === 'bigint' || !Number.isSafeInteger(value))
        return refuse(`${shown(String(written))} is not a whole number`);
      const number = Number(value);
      return number >= min && number <= max ? accept(number) : refuse(`${number} is not between ${min} and ${max}`);
    },
    render: String,
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): SettingKind<Choice> {
  return {
    placeholder: choices.join('|'),
    parse: (written) => {
      const choice = choices.find((candidate) => candidate === written);
      return choice === undefined ? refuse(`${shown(written)} is not one of ${choices.join(', ')}`) : accept(choice);
    },
    render: (value) => value,
  };
}

/** A TOML array; in the environment the items are separated by commas. */
export function listOf<T>(item: SettingKind<T>): SettingKind<readonly T[]> {
  return {
    placeholder: `[${item.placeholder}, …]`,
    parse: (written) => {
      const items = typeof written === 'string' ? splitList(written) : written;
      if (!Array.isArray(items)) return refuse(`${shown(written)} is not a list`);
      const parsed = items.map((one: unknown) => item.parse(one));
      const refused = parsed.flatMap((one) => (one.ok ? [] : [one.reason]));
      return refused.length > 0
        ? refuse(refused.join('; '))
        : accept(parsed.flatMap((one) => (one.ok ? [one.value] : [])));
    },
    render: (values) => values.map((value) => item.render(value)).join(','),
  };
}

function splitList(written: string): readonly string[] {
  return written
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** May be left out; empty text in the environment says the same. */
export function optional<T>(kind: SettingKind<T>): SettingKind<T | null> {
  return {
    placeholder: kind.placeholder,
    parse: (written) => (written === '' ? accept(null) : kind.parse(written)),
    render: (value) => (value === null ? '' : kind.render(value)),
  };
}

/** A text with a grammar of its own, read into a value at the door. */
export function written<T>(form: {
  readonly placeholder: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly render: (value: T) => string;
}): SettingKind<T> {
  return {
    ...form,
    parse: (value) => (typeof value === 'string' ? form.parse(value) : refuse(`${shown(value)} is not a text`)),
  };
}
