// Reads the oslo.policy language. Where oslo.policy turns text that it does not understand into "nobody", we say what
// is wrong and at which character: a rule that an operator wrote is meant, and refusing the file is safer than guessing.
//
//   expression = term { "or" term }
//   term       = factor { "and" factor }
//   factor     = "not" factor | "(" expression ")" | check
//   check      = "@" | "!" | KIND ":" MATCH
//
// Tokens are separated by white space; parentheses may touch what they enclose, and "and", "or", "not" may be written
// in any case. "not" binds closest, then "and", then "or".

import type { Parsed } from '@neutronium/net/parsed';
import type { Check, Template } from './check.ts';

type Token =
  | { readonly kind: 'open' | 'close' | 'and' | 'or' | 'not'; readonly at: number }
  | { readonly kind: 'check'; readonly text: string; readonly at: number };

/** Thrown and caught within this file: parsing is recursive, and its callers want a value. */
class Misread extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** The check that the text spells; empty text allows everyone. */
export function parseCheck(text: string): Parsed<Check> {
  try {
    return { ok: true, value: parseTokens(tokenize(text), text.length) };
  } catch (error) {
    if (error instanceof Misread)
      return { ok: false, reason: `${error.message} (character ${error.at + 1} of '${text}')` };
    throw error;
  }
}

/** The older form, a list of alternatives, each a check or a list of checks that must all hold. */
export function parseCheckList(alternatives: readonly unknown[]): Parsed<Check> {
  const parsed = alternatives
    .map((alternative) => (Array.isArray(alternative) ? (alternative as readonly unknown[]) : [alternative]))
    .filter((checks) => checks.length > 0)
    .map((checks) =>
      checks.map((check) => `(${typeof check === 'string' ? check : JSON.stringify(check)})`).join(' and '),
    );
  if (alternatives.length === 0) return { ok: true, value: { kind: 'always' } };
  if (parsed.length === 0) return { ok: true, value: { kind: 'never' } };
  return parseCheck(parsed.join(' or '));
}

const keywords = new Set(['and', 'or', 'not']);

function tokenize(text: string): readonly Token[] {
  return [...text.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
    const opening = /^\(*/.exec(word)?.[0].length ?? 0;
    const core = word.slice(opening).replace(/\)+$/, '');
    const closing = word.length - opening - core.length;
    const at = index + opening;
    return [
      ...Array.from({ length: opening }, (_, i): Token => ({ kind: 'open', at: index + i })),
      ...(core === '' ? [] : [wordToken(core, at)]),
      ...Array.from({ length: closing }, (_, i): Token => ({ kind: 'close', at: at + core.length + i })),
    ];
  });
}

function wordToken(core: string, at: number): Token {
  const lowered = core.toLowerCase();
  // The set holds exactly the keyword kinds of Token.
  return keywords.has(lowered) ? { kind: lowered as 'and' | 'or' | 'not', at } : { kind: 'check', text: core, at };
}

function parseTokens(tokens: readonly Token[], end: number): Check {
  if (tokens.length === 0) return { kind: 'always' };
  const cursor = { tokens, next: 0, end };
  const check = parseExpression(cursor);
  const left = tokens[cursor.next];
  if (left !== undefined) {
    throw new Misread(left.at, left.kind === 'close' ? 'this ) closes nothing' : '"and" or "or" is missing here');
  }
  return check;
}

interface Cursor {
  readonly tokens: readonly Token[];
  next: number;
  readonly end: number;
}

function parseExpression(cursor: Cursor): Check {
  const terms = parseJoined(cursor, 'or', (inner) => parseJoined(inner, 'and', parseFactor, 'all'), 'any');
  return terms;
}

function parseJoined(
  cursor: Cursor,
  joiner: 'and' | 'or',
  parseOne: (cursor: Cursor) => Check,
  kind: 'all' | 'any',
): Check {
  const first = parseOne(cursor);
  const parts = [first];
  while (cursor.tokens[cursor.next]?.kind === joiner) {
    cursor.next += 1;
    parts.push(parseOne(cursor));
  }
  return parts.length === 1 ? first : { kind, of: parts };
}

function parseFactor(cursor: Cursor): Check {
  const token = cursor.tokens[cursor.next];
  if (token === undefined) throw new Misread(cursor.end, 'something is missing at the end');
  cursor.next += 1;
  switch (token.kind) {
    case 'not':
      return { kind: 'not', of: parseFactor(cursor) };
    case 'open': {
      const inner = parseExpression(cursor);
      if (cursor.tokens[cursor.next]?.kind !== 'close') throw new Misread(token.at, 'this ( is not closed');
      cursor.next += 1;
      return inner;
    }
    case 'check':
      return parseSingle(token.text, token.at);
    case 'close':
      throw new Misread(token.at, 'a check is missing before this )');
    case 'and':
    case 'or':
      throw new Misread(token.at, `a check is missing before this "${token.kind}"`);
  }
}

function parseSingle(text: string, at: number): Check {
  if (text === '@') return { kind: 'always' };
  if (text === '!') return { kind: 'never' };
  const colon = kindEnd(text);
  if (colon <= 0) throw new Misread(at, `'${text}' is not KIND:MATCH`);
  const kind = text.slice(0, colon);
  const match = text.slice(colon + 1);
  const matchAt = at + colon + 1;
  switch (kind) {
    case 'rule':
      return { kind: 'rule', name: match };
    case 'role':
      return { kind: 'role', role: parseTemplate(match, matchAt) };
    case 'field':
      return parseField(match, matchAt);
    case 'tenant_id':
    case 'project_id':
      return parseOwner(kind, match, matchAt);
    case 'http':
    case 'https':
      throw new Misread(at, `${kind}: checks, which ask another server at each decision, are not supported`);
    default: {
      const literal = readLiteral(kind);
      const template = parseTemplate(match, matchAt);
      if (literal === undefined) return { kind: 'credential', path: kind, match: template };
      return { kind: 'literal', literal: kind, match: template };
    }
  }
}

/** The colon after the kind; a quoted literal may itself contain colons. */
function kindEnd(text: string): number {
  const quoted = /^(?:'[^']*'|"[^"]*")(?=:)/.exec(text);
  return quoted === null ? text.indexOf(':') : quoted[0].length;
}

/** What a literal kind stands for, as text: 'x' and "x" for x, True, False, None and numbers for themselves. */
export function readLiteral(kind: string): string | undefined {
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(kind);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? '';
  if (kind === 'True' || kind === 'False' || kind === 'None') return kind;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(kind) ? kind : undefined;
}

function parseOwner(credential: 'project_id' | 'tenant_id', match: string, at: number): Check {
  const template = parseTemplate(match, at);
  const [only, ...rest] = template;
  if (only !== undefined && typeof only !== 'string' && rest.length === 0) {
    return { kind: 'owner', credential, field: only.key };
  }
  if (credential === 'tenant_id') throw new Misread(at, 'tenant_id: must be followed by %(FIELD)s');
  return { kind: 'credential', path: credential, match: template };
}

function parseField(match: string, at: number): Check {
  // The field itself may contain colons (router:external), the name of the resource may not.
  const parts = /^([^:=]+):([^=]+)=(.*)$/s.exec(match);
  if (parts === null) throw new Misread(at, 'a field check is written field:RESOURCE:FIELD=VALUE');
  const [, resource = '', field = '', value = ''] = parts;
  if (value.startsWith('~')) {
    try {
      fieldPattern(value);
    } catch (cause) {
      throw new Misread(at, `not a regular expression: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { kind: 'field', resource, field, value };
}

/** The regular expression behind `~`; it must match from the first character on, but not up to the last. */
export function fieldPattern(value: string): RegExp {
  return new RegExp(`^(?:${value.slice(1)})`, 'u');
}

function parseTemplate(text: string, at: number): Template {
  const parts: (string | { readonly key: string })[] = [];
  let literal = '';
  let position = 0;
  while (position < text.length) {
    const place = /^%\(([^)]*)\)s/.exec(text.slice(position));
    if (place !== null) {
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ key: place[1] ?? '' });
      position += place[0].length;
    } else if (text[position] === '%') {
      if (text[position + 1] !== '%') throw new Misread(at + position, 'a % must begin %(FIELD)s or be doubled');
      literal += '%';
      position += 2;
    } else {
      literal += text[position];
      position += 1;
    }
  }
  return literal === '' ? parts : [...parts, literal];
}
