// Decides, for the rest of the server, who may do what. One Enforcer holds the rules as they now are; each request
// asks through a session of its own, which knows the caller and keeps what it has worked out.

import { InvalidScope, PolicyNotAuthorized } from '@neutronium/model/errors';
import type { RequestContext } from '../context.ts';
import {
  reduceFor,
  type Credentials,
  type FindParent,
  type ParentRequest,
  type Residual,
  type Target,
} from './evaluate.ts';
import { FetchedParents } from './fetched-parents.ts';
import { renderRuleNames } from './rule-names.ts';
import type { RuleSet, TokenScope } from './rule-set.ts';

type Depends = Extract<Residual, { kind: 'depends' }>;

/** Where a session finds the records that rules need besides the target itself. */
export interface ParentRecords {
  /** One record for each request, in order; undefined where there is none. One round trip, whatever their number. */
  fetch(requests: readonly ParentRequest[]): Promise<readonly (Target | undefined)[]>;
  /** The error that says that there is no such record. */
  notFound(request: ParentRequest): Error;
}

export type Standing = Pick<RequestContext, 'isAdmin' | 'isService'>;

export class Enforcer {
  #ruleSet: RuleSet;

  constructor(ruleSet: RuleSet) {
    this.#ruleSet = ruleSet;
  }

  /** From the next session on, these rules hold. */
  replaceRules(ruleSet: RuleSet): void {
    this.#ruleSet = ruleSet;
  }

  session(context: RequestContext, parents: ParentRecords): PolicySession {
    return new PolicySession(this.#ruleSet, context, parents);
  }

  /** What someone with these credentials is, whatever he asks for. */
  standing(credentials: Credentials): Standing {
    const reduce = reduceFor(this.#ruleSet, credentials);
    const holds = (rule: string): boolean => {
      const residual = reduce(rule);
      return residual.kind === 'constant' && residual.holds;
    };
    return { isAdmin: holds('context_is_admin'), isService: holds('service_api') || holds('context_is_advsvc') };
  }
}

/** Decides for one caller. */
export class PolicySession {
  readonly #ruleSet: RuleSet;
  readonly #scope: TokenScope;
  readonly #parents: ParentRecords;
  readonly #reduce: (name: string) => Residual;
  readonly #fetched = new FetchedParents();
  #fetching: Promise<unknown> = Promise.resolve();

  constructor(ruleSet: RuleSet, context: RequestContext, parents: ParentRecords) {
    this.#ruleSet = ruleSet;
    this.#scope = scopeOf(context);
    this.#parents = parents;
    this.#reduce = reduceFor(ruleSet, credentialsOf(context));
  }

  /**
   * Throws PolicyNotAuthorized, naming all the rules, unless every one of them holds for the target. When one fails for
   * want of the target's parent, the caller is told that instead: a port on no network is not forbidden but nonsense.
   */
  async authorize(rules: readonly string[], target: Target): Promise<void> {
    this.#checkScope(rules);
    if (await this.#allHold(rules, target)) return;
    const absent = this.#absentParent(rules, target);
    throw absent === undefined
      ? new PolicyNotAuthorized({ rule: renderRuleNames(rules) })
      : this.#parents.notFound(absent);
  }

  /** Whether the rule fails for every target, so that nothing need be looked for. */
  refusesAll(rule: string): boolean {
    const residual = this.#reduce(rule);
    return !this.#inScope(rule) || (residual.kind === 'constant' && !residual.holds);
  }

  /** Throws PolicyNotAuthorized, naming all the rules, when one of them holds for no target whatever. */
  requirePossible(rules: readonly string[]): void {
    const never = rules
      .map((rule) => this.#reduce(rule))
      .some((residual) => residual.kind === 'constant' && !residual.holds);
    if (never) throw new PolicyNotAuthorized({ rule: renderRuleNames(rules) });
  }

  async allows(rule: string, target: Target): Promise<boolean> {
    const [allowed] = await this.#selection(rule, [target]);
    return allowed === true;
  }

  /** The targets for which the rule holds, in order. */
  async filter<T extends Target>(rule: string, targets: readonly T[]): Promise<readonly T[]> {
    const selection = await this.#selection(rule, targets);
    return targets.filter((_, index) => selection[index]);
  }

  /**
   * For each target the names of the attributes that the caller must not see, by the rules `get_RESOURCE:ATTRIBUTE`.
   * Targets with the same answer share one set.
   */
  async hiddenAttributes(resource: string, targets: readonly Target[]): Promise<readonly ReadonlySet<string>[]> {
    const action = `get_${resource}`;
    const always = new Set<string>();
    const open: { readonly attribute: string; readonly residual: Depends }[] = [];
    for (const attribute of this.#ruleSet.guardedAttributes.get(action) ?? []) {
      const rule = `${action}:${attribute}`;
      const residual = this.#reduce(rule);
      if (residual.kind === 'depends' && this.#inScope(rule)) open.push({ attribute, residual });
      else if (residual.kind === 'depends' || !residual.holds || !this.#inScope(rule)) always.add(attribute);
    }
    if (open.length === 0) return targets.map(() => always);
    await this.#fetchParents(
      open.map(({ residual }) => residual),
      targets,
    );
    const sets = new Map<string, ReadonlySet<string>>([['', always]]);
    return targets.map((target) => {
      const hidden = open
        .filter(({ residual }) => !residual.holds(target, this.#findParent))
        .map(({ attribute }) => attribute);
      const key = hidden.join();
      const set = sets.get(key) ?? new Set([...always, ...hidden]);
      sets.set(key, set);
      return set;
    });
  }

  async #selection(rule: string, targets: readonly Target[]): Promise<readonly boolean[]> {
    const residual = this.#reduce(rule);
    if (!this.#inScope(rule)) return targets.map(() => false);
    if (residual.kind === 'constant') return targets.map(() => residual.holds);
    await this.#fetchParents([residual], targets);
    return targets.map((target) => residual.holds(target, this.#findParent));
  }

  async #allHold(rules: readonly string[], target: Target): Promise<boolean> {
    const residuals = rules.map((rule) => this.#reduce(rule));
    const open = residuals.filter((residual) => residual.kind === 'depends');
    if (residuals.some((residual) => residual.kind === 'constant' && !residual.holds)) return false;
    await this.#fetchParents(open, [target]);
    return open.every((residual) => residual.holds(target, this.#findParent));
  }

  #absentParent(rules: readonly string[], target: Target): ParentRequest | undefined {
    const residuals = rules.map((rule) => this.#reduce(rule));
    const needs = residuals.flatMap((residual) => (residual.kind === 'depends' ? residual.needs : []));
    for (const need of needs) {
      const request = this.#fetched.absent(need, target);
      if (request !== undefined) return request;
    }
    return undefined;
  }

  /** Only the rule of the operation itself, the first, is bound to scopes; those of attributes follow it. */
  #checkScope([operation]: readonly string[]): void {
    if (operation === undefined || this.#inScope(operation)) return;
    const allowed = this.#ruleSet.rules.get(operation)?.scopeTypes ?? [];
    throw new InvalidScope({
      rule: `rule:${operation}`,
      allowed: `[${allowed.map((scope) => `'${scope}'`).join(', ')}]`,
      scope: this.#scope,
    });
  }

  #inScope(rule: string): boolean {
    const allowed = this.#ruleSet.rules.get(rule)?.scopeTypes ?? [];
    return allowed.length === 0 || allowed.includes(this.#scope);
  }

  readonly #findParent: FindParent = (need, target) => this.#fetched.find(need, target);

  /** Parents are fetched once per session: a request decides everything on the same state. */
  async #fetchParents(residuals: readonly Depends[], targets: readonly Target[]): Promise<void> {
    const missing: ParentRequest[] = [];
    for (const { needs } of residuals) {
      for (const need of needs) {
        for (const target of targets) {
          const request = this.#fetched.claim(need, target);
          if (request !== undefined) missing.push(request);
        }
      }
    }
    if (missing.length > 0) this.#fetching = Promise.all([this.#fetching, this.#fetch(missing)]);
    // What another question of the same session has claimed may still be on its way.
    await this.#fetching;
  }

  async #fetch(requests: readonly ParentRequest[]): Promise<void> {
    const found = await this.#parents.fetch(requests);
    requests.forEach((request, index) => this.#fetched.set(request, found[index]));
  }
}

function scopeOf({ systemScope, projectId, domainId }: RequestContext): TokenScope {
  if (systemScope !== null && projectId === null) return 'system';
  // A token without any scope is treated as one of a project: its rules then fail for want of one.
  return domainId !== null && projectId === null ? 'domain' : 'project';
}

/** The caller in the words of rules; oslo.context's names. */
export function credentialsOf(context: RequestContext): Credentials {
  return {
    user_id: context.userId,
    project_id: context.projectId,
    tenant_id: context.projectId,
    domain_id: context.domainId,
    system_scope: context.systemScope,
    roles: context.roles,
    is_admin: context.isAdmin,
  };
}
