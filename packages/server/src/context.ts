// Who asks. Made once per request by the authenticator, read by policy, resources and the change log.

/** The caller of one request, as the token (or the trusted headers) says. */
export interface RequestContext {
  /** `req-<uuid>`, answered in x-openstack-request-id and kept in the change log. */
  readonly requestId: string;
  readonly userId: string | null;
  /** The project that the token is scoped to; null for domain, system and unscoped tokens. */
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** Role names, implied ones included, lower case. */
  readonly roles: readonly string[];
  /** The policy rule `context_is_admin` held. */
  readonly isAdmin: boolean;
  /** 'all' for a system-scoped token. */
  readonly systemScope: 'all' | null;
}

/** How a list of the store is narrowed to what the caller may see. Administrators see the records of every project. */
export function visibility(context: RequestContext): { readonly visibleTo?: string } {
  return context.isAdmin ? {} : { visibleTo: context.projectId ?? '' };
}

/** The server acting for itself: status reports, schedulers, DHCP ports. */
export function serverContext(requestId: string): RequestContext {
  return {
    requestId,
    userId: null,
    projectId: null,
    domainId: null,
    roles: ['admin', 'service'],
    isAdmin: true,
    systemScope: 'all',
  };
}
