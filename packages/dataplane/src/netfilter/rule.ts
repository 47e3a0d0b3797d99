// Rules as iptables takes them (iptables(8), iptables-extensions(8)). A condition is a list of its words, made by the
// functions of conditions.ts or, where those would add nothing, written as iptables has them. Each rule bears a mark, a
// hash of all that it says, in its comment: what is in the kernel is told apart and compared by marks alone, because
// the kernel gives rules back in words of its own.

import { invariant } from '@neutronium/net/invariant';
import { hashOf } from './hash.ts';

export type Words = readonly string[];

export type RuleTarget =
  | { readonly kind: 'verdict'; readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' }
  /** To another chain of the same table, and back at its end. */
  | { readonly kind: 'jump'; readonly chain: string }
  /** To another chain of the same table, and at its end back to where this one was jumped to from. */
  | { readonly kind: 'goto'; readonly chain: string }
  /** A target extension with its options. */
  | { readonly kind: 'extension'; readonly words: Words };

export const accept: RuleTarget = { kind: 'verdict', verdict: 'ACCEPT' };
export const drop: RuleTarget = { kind: 'verdict', verdict: 'DROP' };
/** Ends the chain, as its own end does. */
export const back: RuleTarget = { kind: 'verdict', verdict: 'RETURN' };

export function jump(chain: string): RuleTarget {
  return { kind: 'jump', chain };
}

export function goTo(chain: string): RuleTarget {
  return { kind: 'goto', chain };
}

/** `target('SNAT', '--to-source', '203.0.113.9')`. */
export function target(...words: Words): RuleTarget {
  return { kind: 'extension', words };
}

export interface Rule {
  /** Every condition must hold; none matches all packets. */
  readonly match: Words;
  readonly to: RuleTarget;
  /** Whom the rule serves, and why it is there: in its comment, for people who read `iptables-save`. */
  readonly of: string;
  readonly why: string;
}

/** A rule as a line of iptables-restore has it after its chain, and the mark in it. */
export interface RuleText {
  readonly mark: string;
  readonly text: string;
}

// A rule is a value that never changes, so its text is made once even when plans are made again and again.
const texts = new WeakMap<Rule, RuleText>();

/** The text of the rule: equal rules give equal text, and different ones different marks. */
export function ruleText(rule: Rule): RuleText {
  let known = texts.get(rule);
  if (known === undefined) {
    known = renderRule(rule);
    texts.set(rule, known);
  }
  return known;
}

/** XT_MAX_COMMENT_LEN less the final zero (linux/netfilter/xt_comment.h). */
const longestComment = 255;
const markPrefix = 'ntnm:';
const markPattern = /--comment "?(ntnm:[0-9a-f]{16})[ "]/;

/** The mark in a rule as iptables-save prints it; null where there is none. */
export function readMark(text: string): string | null {
  return markPattern.exec(`${text} `)?.[1] ?? null;
}

function renderRule({ match, to, of, why }: Rule): RuleText {
  const words = [...match, ...targetWords(to)];
  for (const word of words) invariant(isPlain(word), () => `'${word}' is not a word of iptables`);
  const said = `${of}: ${why}`.replaceAll(unprintable, '?');
  const mark = `${markPrefix}${hashOf(`${words.join(' ')} # ${said}`)}`;
  const comment = `${mark} ${said}`.slice(0, longestComment);
  return { mark, text: [...match, `-m comment --comment "${comment}"`, ...targetWords(to)].join(' ') };
}

/** What people call their things may be in a comment, and must not end it. */
const unprintable = /[^\x20-\x7e]|["\\]/g;

function isPlain(word: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word) && !word.includes("'");
}

function targetWords(to: RuleTarget): Words {
  switch (to.kind) {
    case 'verdict':
      return ['-j', to.verdict];
    case 'jump':
      return ['-j', to.chain];
    case 'goto':
      return ['-g', to.chain];
    case 'extension':
      return ['-j', ...to.words];
  }
}
