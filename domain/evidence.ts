import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { nameOf, template, Rule } from './annotation.ts';
import { Headers, TargetUrl } from './http-target.ts';

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Certificates alone, all of which can be read: a key that was pasted along would lie open in the catalogue. */
const isAuthority = (pem: string): boolean => {
  try {
    const found = (pem.match(certificates) ?? []).map((certificate) => new X509Certificate(certificate));
    return found.length > 0 && !pem.replaceAll(certificates, '').includes('-----BEGIN');
  } catch {
    return false;
  }
};

/** Who vouches for a server that is not of the public web. */
export const Authority = z
  .string()
  .max(20_000)
  .refine(isAuthority, 'expected certificates in PEM, from -----BEGIN CERTIFICATE-----, and nothing secret')
  .meta({ description: 'PEM of a private certificate authority; it replaces the public ones' });

/** Something that can be looked at again by a machine, or stated by a person. */
export const Evidence = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('catalogue'), rule: Rule }),
    z.strictObject({
      kind: z.literal('http'),
      url: TargetUrl,
      headers: Headers,
      status: z.array(z.int().min(100).max(599)).min(1).default([200]),
      contains: z.string().max(500).optional(),
      authority: Authority.optional(),
    }),
    z.strictObject({
      kind: z.literal('tls'),
      host: template(z.string().min(1).max(253)),
      port: z.int().min(1).max(65535).default(443),
      daysLeft: z.number().min(0).max(3650).default(30),
      authority: Authority.optional(),
    }),
    z.strictObject({
      kind: z.literal('prometheus'),
      url: TargetUrl.meta({ description: 'Base URL, without /api/v1/query; {{placeholders}} are filled in' }),
      headers: Headers,
      authority: Authority.optional(),
      query: template(z.string().min(1).max(5000)),
      operator: z.enum(['>', '>=', '<', '<=', '==', '!=']),
      value: z.number(),
    }),
    z.strictObject({
      kind: z.literal('attestation'),
      statement: z.string().min(1).max(1000),
      by: nameOf('Person')
        .optional()
        .meta({ description: 'The person whose statement counts (default: anybody in the team)' }),
    }),
  ])
  .meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof Evidence>;

/** What looking at a piece of evidence gave. `unknown`: it could not be looked at, which is never a pass. */
export const Finding = z.strictObject({
  result: z.enum(['pass', 'fail', 'stale', 'unknown']),
  detail: z.string(),
  at: z.string(),
  expiresAt: z.string().optional(),
  link: z.string().optional(),
  by: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;
