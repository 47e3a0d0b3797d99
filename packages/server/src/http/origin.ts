import type { IncomingHttpHeaders } from 'node:http';

/**
 * `scheme://host` under which the client reached this server: the configured URL, else what a proxy in front says of
 * itself (X-Forwarded-Proto, X-Forwarded-Host), else the Host header.
 */
export function originOf(headers: IncomingHttpHeaders, configured: string | null): string {
  if (configured !== null) return configured.replace(/\/+$/, '');
  const scheme = firstOf(headers['x-forwarded-proto']) ?? 'http';
  const host = firstOf(headers['x-forwarded-host']) ?? headers.host ?? 'localhost';
  return `${scheme}://${host}`;
}

/** Of a header that several proxies added to, the value of the one nearest to the client. */
function firstOf(header: string | string[] | undefined): string | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim();
  return value === '' ? undefined : value;
}
